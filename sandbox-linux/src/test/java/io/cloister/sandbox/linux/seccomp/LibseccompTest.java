package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// Our filters against those that libseccomp makes of the same rules. Both are run by
/// [BpfEvaluator], on many calls, and must answer alike.
class LibseccompTest {

    private static final int POLICIES = 2000;

    private record Case(SyscallPolicy policy, Libseccomp.Request request) {}

    @ParameterizedTest
    @EnumSource
    void callsHaveTheSameNumbers(CpuArchitecture cpu) {
        List<Syscall> calls = List.of(Syscall.values());
        List<Integer> numbers = Libseccomp.numbers(cpu, calls);
        int same = 0;
        for (int i = 0; i < calls.size(); i++) {
            int number = numbers.get(i);
            if (number >= 0) {
                assertThat(SyscallTable.of(cpu).number(calls.get(i)))
                        .as(calls.get(i).label())
                        .hasValue(number);
                same++;
            }
        }
        assertThat(same).isGreaterThan(290);
    }

    @ParameterizedTest
    @EnumSource
    void aRandomPolicyIsAnsweredAlike(CpuArchitecture cpu) {
        List<Syscall> known = known(cpu);
        List<Case> cases = new ArrayList<>();
        for (int seed = 0; seed < POLICIES; seed++) {
            cases.add(random(new Random(seed), cpu, known));
        }
        List<BpfProgram> theirs = Libseccomp.filters(cases.stream().map(Case::request).toList());
        long compared = 0;
        Set<SyscallAction> seen = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
        for (int seed = 0; seed < POLICIES; seed++) {
            SyscallPolicy policy = cases.get(seed).policy();
            BpfProgram ours = FilterCompiler.compile(policy, cpu, FilterCompiler.Options.NONE);
            for (SeccompData call : calls(policy, cpu, new Random(seed))) {
                SyscallAction answer = BpfEvaluator.run(ours, call).action();
                if (!isUnknownUnderNotify(policy, cpu, call)) {
                    assertThat(answer)
                            .as("seed %d, %s, %s", seed, call, policy.rules())
                            .isEqualTo(BpfEvaluator.run(theirs.get(seed), call).action());
                    compared++;
                }
                seen.add(answer);
            }
        }
        assertThat(compared).isGreaterThan(1_000_000);
        assertThat(seen)
                .contains(
                        SyscallAction.KILL,
                        SyscallAction.TRAP,
                        SyscallAction.NOTIFY,
                        SyscallAction.LOG,
                        SyscallAction.ALLOW);
    }

    /// A policy cannot hand unknown numbers to a handler, libseccomp would.
    private static boolean isUnknownUnderNotify(
            SyscallPolicy policy, CpuArchitecture cpu, SeccompData call) {
        return policy.otherwise() instanceof SyscallAction.Notify
                && SyscallTable.of(cpu).call(call.number()).isEmpty();
    }

    private static List<Syscall> known(CpuArchitecture cpu) {
        List<Syscall> calls = List.of(Syscall.values());
        List<Integer> numbers = Libseccomp.numbers(cpu, calls);
        List<Syscall> known = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            if (numbers.get(i) >= 0) {
                known.add(calls.get(i));
            }
        }
        return known;
    }

    private static List<SeccompData> calls(
            SyscallPolicy policy, CpuArchitecture cpu, Random random) {
        SeededCalls seeded = new SeededCalls(random, cpu);
        List<SeccompData> calls = seeded.ofEveryNumber();
        Set<Syscall> ruled = new TreeSet<>();
        policy.rules().forEach(rule -> ruled.add(rule.call()));
        for (Syscall call : ruled) {
            List<ArgumentTest> tests =
                    policy.rules().stream()
                            .filter(rule -> rule.call() == call)
                            .flatMap(rule -> rule.tests().stream())
                            .toList();
            int number = SyscallTable.of(cpu).number(call).orElseThrow();
            calls.addAll(seeded.about(number, tests, tests.isEmpty() ? 2 : 200));
        }
        return calls;
    }

    private static Case random(Random random, CpuArchitecture cpu, List<Syscall> known) {
        SyscallAction otherwise = action(random);
        List<SyscallRule> rules = new ArrayList<>();
        Set<Syscall> ruled = new TreeSet<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            Syscall call = known.get(random.nextInt(known.size()));
            if (ruled.add(call)) {
                // One call with conditions: of several, libseccomp merges parts of its program that
                // look alike, and then compares one argument with the value for another.
                boolean conditions = ruled.size() == 1;
                rules.addAll(
                        conditions
                                ? rules(random, call, otherwise)
                                : List.of(SyscallRule.of(call, other(random, otherwise), "")));
            }
        }
        SyscallAction unknown =
                otherwise instanceof SyscallAction.Notify
                        ? SyscallAction.fail(Errno.ENOSYS)
                        : otherwise;
        SyscallPolicy policy = SyscallPolicy.of(otherwise).unknown(unknown).first(rules);
        List<Libseccomp.Rule> same =
                rules.stream()
                        .map(rule ->
                                new Libseccomp.Rule(
                                        FilterAnswer.of(rule.action(), false),
                                        rule.call().label(),
                                        rule.tests()))
                        .toList();
        boolean tree = !same.isEmpty() && random.nextBoolean();
        return new Case(
                policy, new Libseccomp.Request(cpu, FilterAnswer.of(otherwise, false), tree, same));
    }

    /// Rules in one of the forms that libseccomp can be trusted with.
    private static List<SyscallRule> rules(Random random, Syscall call, SyscallAction otherwise) {
        SyscallAction action = other(random, otherwise);
        List<SyscallRule> rules = new ArrayList<>();
        switch (random.nextInt(4)) {
            case 0 -> rules.add(rule(random, call, action, 6, List.of(Relation.values())));
            case 1 -> {
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    rules.add(rule(random, call, action, 4, List.of(Relation.EQUAL)));
                }
            }
            case 2 -> {
                List<Relation> relations = List.of(Relation.EQUAL, Relation.NOT_EQUAL);
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    rules.add(rule(random, call, action, 1, relations));
                }
            }
            default -> {
                // With an action each, but on arguments that exclude each other.
                long mask = random.nextBoolean() ? 0xffffffffL : -1;
                for (int i = random.nextInt(1, 7); i > 0; i--) {
                    List<ArgumentTest> tests = new ArrayList<>();
                    long value = (mask == -1 ? 0x500000000L : 0) + i;
                    tests.add(new ArgumentTest(0, mask, Relation.EQUAL, value));
                    if (random.nextBoolean()) {
                        tests.add(test(random, 3, Relation.EQUAL));
                    }
                    rules.add(new SyscallRule(call, tests, other(random, otherwise), ""));
                }
            }
        }
        return rules;
    }

    private static SyscallRule rule(
            Random random, Syscall call, SyscallAction action, int most, List<Relation> relations) {
        List<Integer> indexes = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
        Collections.shuffle(indexes, random);
        List<ArgumentTest> tests = new ArrayList<>();
        for (int i = random.nextInt(1, most + 1); i > 0; i--) {
            Relation relation = relations.get(random.nextInt(relations.size()));
            tests.add(test(random, indexes.get(i - 1), relation));
        }
        return new SyscallRule(call, tests, action, "");
    }

    private static ArgumentTest test(Random random, int index, Relation relation) {
        long[] masks = {0xffffffffL, 0xffffffffL, 7, 0xff00000000L, 0xf0000000fL, Long.MIN_VALUE};
        boolean masked = relation == Relation.EQUAL && random.nextBoolean();
        long mask = masked ? masks[random.nextInt(masks.length)] : -1;
        long[] values = {
            0,
            1,
            2,
            5,
            0x7fffffffL,
            0x80000000L,
            0xffffffffL,
            0x100000000L,
            0x500000005L,
            -1,
            Long.MIN_VALUE,
            random.nextLong()
        };
        return new ArgumentTest(
                index, mask, relation, values[random.nextInt(values.length)] & mask);
    }

    private static SyscallAction other(Random random, SyscallAction than) {
        SyscallAction action = action(random);
        return action.equals(than) ? other(random, than) : action;
    }

    private static SyscallAction action(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> SyscallAction.KILL;
            case 1 -> SyscallAction.TRAP;
            // libseccomp refuses 4095, which the kernel has.
            case 2 -> new SyscallAction.Fail(random.nextInt(1, 4095));
            case 3 -> SyscallAction.NOTIFY;
            case 4 -> SyscallAction.LOG;
            default -> SyscallAction.ALLOW;
        };
    }
}
