package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Arguments to which a rule applies, made from its tests.
public final class RuleArguments {

    /// What a program may write where a rule does not look.
    private static final long[] DIRT = {0, -1, 0xdeadbeef_00000000L, 0x5a5a5a5a_5a5a5a5aL};

    private RuleArguments() {}

    /// Arguments that are decided by `rule` in `policy`, with clean and dirty registers. Not empty:
    /// a rule that no arguments lead to is an error.
    public static List<List<Long>> of(SyscallPolicy policy, SyscallRule rule) {
        List<List<Long>> found = new ArrayList<>();
        for (int choice = 0; choice < 8; choice++) {
            for (long dirt : DIRT) {
                long[] arguments = new long[6];
                for (int i = 0; i < arguments.length; i++) {
                    arguments[i] = dirt & ~mask(rule, i);
                }
                for (ArgumentTest test : rule.tests()) {
                    arguments[test.index()] |= bits(test, choice);
                }
                boolean decides =
                        policy.deciding(rule.call(), arguments).filter(rule::equals).isPresent();
                List<Long> boxed = Arrays.stream(arguments).boxed().toList();
                if (decides && !found.contains(boxed)) {
                    found.add(boxed);
                }
            }
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("no arguments lead to " + rule);
        }
        return found;
    }

    /// All bits of an argument that any test of the rule looks at.
    private static long mask(SyscallRule rule, int index) {
        return rule.tests().stream()
                .filter(test -> test.index() == index)
                .mapToLong(ArgumentTest::mask)
                .reduce(0, (a, b) -> a | b);
    }

    /// One of the values for which the test holds.
    private static long bits(ArgumentTest test, int choice) {
        long mask = test.mask();
        return switch (test.relation()) {
            case EQUAL, AT_LEAST, AT_MOST -> test.value();
            case NOT_EQUAL -> different(mask, test.value(), choice);
            case GREATER -> mask;
            case LESS -> 0;
        };
    }

    /// Differs in one bit of the mask: the lowest for choice 0, then those above it, then all.
    private static long different(long mask, long value, int choice) {
        long left = mask;
        for (int i = 0; i < choice && Long.bitCount(left) > 1; i++) {
            left &= left - 1;
        }
        return choice == 7 ? ~value & mask : value ^ Long.lowestOneBit(left);
    }
}
