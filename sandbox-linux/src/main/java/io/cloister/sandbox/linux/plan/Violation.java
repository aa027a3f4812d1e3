package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A system call for which a run was ended, in words.
///
/// @param call the call, with the arguments for which it is forbidden
/// @param observed the call with all its registers, and the rule that forbids it
public record Violation(String call, String observed) {

    /// What `policy` says of a call.
    ///
    /// @param known the call; empty for a number that is none
    /// @param number its number
    /// @param arguments its registers
    public static Violation of(
            SyscallPolicy policy, Optional<Syscall> known, int number, long[] arguments) {
        String name = known.map(Syscall::label).orElse("system call " + number);
        Optional<SyscallRule> rule = known.flatMap(call -> policy.deciding(call, arguments));
        List<String> decisive = new ArrayList<>();
        rule.map(SyscallRule::tests)
                .orElse(List.of())
                .forEach(test -> {
                    String argument =
                            "arg"
                                    + test.index()
                                    + " = "
                                    + hex(meant(test, arguments[test.index()]));
                    if (!decisive.contains(argument)) {
                        decisive.add(argument);
                    }
                });
        String call = decisive.isEmpty() ? name : name + "(" + String.join(", ", decisive) + ")";
        List<String> registers = new ArrayList<>();
        for (long argument : arguments) {
            registers.add(hex(argument));
        }
        return new Violation(
                call,
                "%s(%s), closed by %s"
                        .formatted(
                                name,
                                String.join(", ", registers),
                                rule.map(it -> "\"" + it + "\"").orElse("the policy's default")));
    }

    /// The part of a register that the kernel looks at: of an `int`, the lower half.
    private static long meant(ArgumentTest test, long argument) {
        return test.mask() >>> 32 == 0 ? argument & 0xffffffffL : argument;
    }

    private static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }
}
