package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class FilterCompilerTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final int SEEDS = 12;
    private static final SyscallAction DENIED = SyscallAction.fail(Errno.EPERM);

    @ParameterizedTest
    @EnumSource
    void anEmptyListOfOpenCallsOpensNothing(CpuArchitecture cpu) {
        BpfProgram program =
                FilterCompiler.compile(SyscallPolicy.of(DENIED), cpu, FilterCompiler.Options.NONE);
        SyscallTable table = SyscallTable.of(cpu);
        for (int number = 0; number <= 1024; number++) {
            SyscallAction expected =
                    table.call(number).map(Syscall::label).isPresent()
                            ? DENIED
                            : SyscallAction.fail(Errno.ENOSYS);
            assertThat(answer(program, SeccompData.of(cpu, number))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListOfOpenCallsOpensTheseAlone(CpuArchitecture cpu) {
        List<SyscallRule> rules =
                List.of(
                        SyscallRule.of(Syscall.READ, SyscallAction.ALLOW, "reads"),
                        SyscallRule.of(Syscall.EXIT_GROUP, SyscallAction.ALLOW, "ends"));
        SyscallTable table = SyscallTable.of(cpu);
        BpfProgram program =
                FilterCompiler.compile(
                        SyscallPolicy.of(DENIED).first(rules), cpu, FilterCompiler.Options.NONE);
        List<String> open =
                IntStream.range(0, 1024)
                        .filter(n ->
                                answer(program, SeccompData.of(cpu, n)).equals(SyscallAction.ALLOW))
                        .mapToObj(n -> table.call(n).map(Syscall::label).orElse("?"))
                        .sorted()
                        .toList();
        assertThat(open).containsExactly("exit_group", "read");
    }

    @Test
    void theFirstRuleThatAppliesDecides() {
        List<SyscallRule> rules =
                List.of(
                        SyscallRule.of(
                                Syscall.READ,
                                SyscallAction.ALLOW,
                                "standard input",
                                ArgumentTest.intIs(0, 0)),
                        SyscallRule.of(Syscall.READ, SyscallAction.KILL, "all else"),
                        SyscallRule.of(Syscall.READ, SyscallAction.ALLOW, "comes too late"));
        BpfProgram program =
                FilterCompiler.compile(
                        SyscallPolicy.of(DENIED).first(rules), X86, FilterCompiler.Options.NONE);
        assertThat(answer(program, SeccompData.of(X86, 0, 0))).isEqualTo(SyscallAction.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 1))).isEqualTo(SyscallAction.KILL);
    }

    @Test
    void aRuleAppliesWhereAllItsTestsHold() {
        SyscallRule rule =
                SyscallRule.of(
                        Syscall.READ,
                        SyscallAction.ALLOW,
                        "both",
                        ArgumentTest.intIs(0, 3),
                        ArgumentTest.intBitsAre(2, 0xf0, 0x50));
        BpfProgram program =
                FilterCompiler.compile(
                        SyscallPolicy.of(DENIED).first(List.of(rule)),
                        X86,
                        FilterCompiler.Options.NONE);
        assertThat(answer(program, SeccompData.of(X86, 0, 3, 0, 0x57)))
                .isEqualTo(SyscallAction.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 3, 0, 0x67))).isEqualTo(DENIED);
        assertThat(answer(program, SeccompData.of(X86, 0, 4, 0, 0x57))).isEqualTo(DENIED);
    }

    @Test
    void aLongIsComparedInBothHalves() {
        ArgumentTest test = new ArgumentTest(0, -1, Relation.EQUAL, 0x1_0000_0002L);
        SyscallRule rule = SyscallRule.of(Syscall.READ, SyscallAction.ALLOW, "exactly this", test);
        BpfProgram program =
                FilterCompiler.compile(
                        SyscallPolicy.of(DENIED).first(List.of(rule)),
                        X86,
                        FilterCompiler.Options.NONE);
        assertThat(answer(program, SeccompData.of(X86, 0, 0x1_0000_0002L)))
                .isEqualTo(SyscallAction.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 2))).isEqualTo(DENIED);
        assertThat(answer(program, SeccompData.of(X86, 0, 0x1_0000_0000L))).isEqualTo(DENIED);
    }

    @Test
    void theUpperHalfOfAnIntIsNotRead() {
        SyscallRule rule =
                SyscallRule.of(
                        Syscall.READ, SyscallAction.ALLOW, "an int", ArgumentTest.intIs(0, 3));
        BpfProgram program =
                FilterCompiler.compile(
                        SyscallPolicy.of(DENIED).first(List.of(rule)),
                        X86,
                        FilterCompiler.Options.NONE);
        assertThat(program.instructions())
                .contains(BpfInstruction.of(Opcode.LOAD, 16))
                .doesNotContain(BpfInstruction.of(Opcode.LOAD, 20));
    }

    @Test
    void aRuleOnACallOfTheOtherCpuIsLeftOut() {
        SyscallRule rule = SyscallRule.of(Syscall.IOPL, SyscallAction.KILL, "x86 only");
        SyscallPolicy policy = SyscallPolicy.of(SyscallAction.ALLOW).first(List.of(rule));
        BpfProgram program =
                FilterCompiler.compile(
                        policy, CpuArchitecture.AARCH64, FilterCompiler.Options.NONE);
        for (int number = 0; number < 1024; number++) {
            SeccompData call = SeccompData.of(CpuArchitecture.AARCH64, number);
            assertThat(answer(program, call)).isNotEqualTo(SyscallAction.KILL);
        }
    }

    @Test
    void aPolicyThatNeedsMoreThan4096InstructionsIsRefused() {
        List<SyscallRule> rules = new ArrayList<>();
        for (int i = 0; i < 2100; i++) {
            rules.add(
                    SyscallRule.of(
                            Syscall.IOCTL,
                            SyscallAction.ALLOW,
                            "one more",
                            ArgumentTest.intIs(1, i + 1)));
        }
        SyscallPolicy policy = SyscallPolicy.of(DENIED).first(rules);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilterCompiler.compile(policy, X86, FilterCompiler.Options.NONE))
                .withMessageMatching(
                        "the policy of system calls takes \\d{4} instructions as a filter, of which"
                                + " the kernel takes 4096; use fewer rules, or fewer tests of"
                                + " arguments");
    }

    /// Policies from small to near the limit, so that comparisons have to reach far.
    static Stream<Arguments> sizesAndSeeds() {
        return IntStream.of(0, 1, 3, 10, 40, 120, 300, 500)
                .boxed()
                .flatMap(size ->
                        IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(size, seed)));
    }

    @ParameterizedTest
    @MethodSource("sizesAndSeeds")
    void aRandomPolicyIsAnsweredAsItsRulesSay(int size, int seed) {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            Random random = new Random(1000L * size + seed);
            SyscallPolicy policy = randomPolicy(random, size);
            BpfProgram program = FilterCompiler.compile(policy, cpu, FilterCompiler.Options.NONE);
            PlainFilter plain = new PlainFilter(policy, cpu);
            assertThat(BpfProgram.decode(program.encode())).isEqualTo(program);
            for (SeccompData call : calls(policy, cpu, random)) {
                assertThat(answer(program, call)).as("%s", call).isEqualTo(plain.answer(call));
            }
        }
    }

    @Test
    void theRandomPoliciesHaveEveryRelationEveryWidthAndEveryAction() {
        Set<Relation> relations = EnumSet.noneOf(Relation.class);
        Set<String> actions = new TreeSet<>();
        int ints = 0;
        int longs = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            SyscallPolicy policy = randomPolicy(new Random(1000L * 300 + seed), 300);
            for (SyscallRule rule : policy.rules()) {
                actions.add(rule.action().getClass().getSimpleName());
                for (ArgumentTest test : rule.tests()) {
                    relations.add(test.relation());
                    ints += test.mask() == 0xffffffffL ? 1 : 0;
                    longs += test.mask() == -1 ? 1 : 0;
                }
            }
        }
        assertThat(relations).containsExactlyInAnyOrder(Relation.values());
        assertThat(actions).containsExactly("Allow", "Fail", "Kill", "Log", "Notify", "Trap");
        assertThat(ints).isGreaterThan(50);
        assertThat(longs).isGreaterThan(50);
    }

    /// Calls with every number, and about each rule.
    private static List<SeccompData> calls(
            SyscallPolicy policy, CpuArchitecture cpu, Random random) {
        SeededCalls seeded = new SeededCalls(random, cpu);
        List<SeccompData> calls = seeded.ofEveryNumber();
        for (SyscallRule rule : policy.rules()) {
            OptionalInt number = SyscallTable.of(cpu).number(rule.call());
            if (number.isPresent()) {
                calls.addAll(seeded.about(number.getAsInt(), rule.tests(), 24));
            }
        }
        return calls;
    }

    @Test
    void aTargetBeyondTheReachOfAComparisonIsReachedThroughAJump() {
        SyscallPolicy policy = randomPolicy(new Random(500), 500);
        assertThat(FilterCompiler.compile(policy, X86, FilterCompiler.Options.NONE).instructions())
                .extracting(BpfInstruction::opcode)
                .contains(Opcode.JUMP);
    }

    private static SyscallPolicy randomPolicy(Random random, int size) {
        SyscallTable table = SyscallTable.of(X86);
        List<SyscallRule> rules = new ArrayList<>();
        while (rules.size() < size) {
            Syscall call = table.call(random.nextInt(table.limit())).orElse(Syscall.READ);
            ArgumentTest[] tests = new ArgumentTest[random.nextInt(3)];
            for (int i = 0; i < tests.length; i++) {
                tests[i] = randomTest(random);
            }
            rules.add(SyscallRule.of(call, randomAction(random), "random", tests));
        }
        return SyscallPolicy.of(randomAction(random))
                .first(rules)
                .unknown(SyscallAction.fail(Errno.ENOSYS));
    }

    private static ArgumentTest randomTest(Random random) {
        long[] masks = {0xffffffffL, 0xffffffffL, -1, -1, 7, 0xff00000000L, random.nextLong() | 1};
        long mask = masks[random.nextInt(masks.length)];
        long[] values = {
            0, 1, 3, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L, -1, random.nextLong()
        };
        long value = values[random.nextInt(values.length)] & mask;
        Relation relation = Relation.values()[random.nextInt(Relation.values().length)];
        return new ArgumentTest(random.nextInt(6), mask, relation, value);
    }

    private static SyscallAction randomAction(Random random) {
        return switch (random.nextInt(7)) {
            case 0 -> SyscallAction.KILL;
            case 1 -> SyscallAction.TRAP;
            case 2 -> SyscallAction.NOTIFY;
            case 3 -> SyscallAction.LOG;
            case 4 -> new SyscallAction.Fail(random.nextInt(1, 4096));
            default -> SyscallAction.ALLOW;
        };
    }

    private static SyscallAction answer(BpfProgram program, SeccompData call) {
        return BpfEvaluator.run(program, call).action();
    }
}
