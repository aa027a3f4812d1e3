package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Errno;
import io.cloister.sandbox.linux.seccomp.ArgumentTest.Comparison;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

class FilterCompilerTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final Action DENIED = Action.fail(Errno.EPERM);

    @ParameterizedTest
    @EnumSource
    void anEmptyListOfOpenCallsOpensNothing(CpuArchitecture cpu) {
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, List.of()), cpu);
        SyscallTable table = SyscallTable.of(cpu);
        for (int number = 0; number <= 1024; number++) {
            Action expected = table.name(number).isPresent() ? DENIED : Action.fail(Errno.ENOSYS);
            assertThat(answer(program, SeccompData.of(cpu, number))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListOfOpenCallsOpensTheseAlone(CpuArchitecture cpu) {
        List<Rule> rules =
                List.of(
                        Rule.of("read", Action.ALLOW, "reads"),
                        Rule.of("exit_group", Action.ALLOW, "ends"));
        SyscallTable table = SyscallTable.of(cpu);
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, rules), cpu);
        List<String> open =
                IntStream.range(0, 1024)
                        .filter(n -> answer(program, SeccompData.of(cpu, n)).equals(Action.ALLOW))
                        .mapToObj(n -> table.name(n).orElse("?"))
                        .sorted()
                        .toList();
        assertThat(open).containsExactly("exit_group", "read");
    }

    @Test
    void theFirstRuleThatAppliesDecides() {
        List<Rule> rules =
                List.of(
                        Rule.of("read", Action.ALLOW, "standard input", ArgumentTest.intIs(0, 0)),
                        Rule.of("read", Action.KILL_PROCESS, "all else"),
                        Rule.of("read", Action.ALLOW, "comes too late"));
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, rules), X86);
        assertThat(answer(program, SeccompData.of(X86, 0, 0))).isEqualTo(Action.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 1))).isEqualTo(Action.KILL_PROCESS);
    }

    @Test
    void aRuleAppliesWhereAllItsTestsHold() {
        Rule rule =
                Rule.of(
                        "read",
                        Action.ALLOW,
                        "both",
                        ArgumentTest.intIs(0, 3),
                        ArgumentTest.intBitsAre(2, 0xf0, 0x50));
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, List.of(rule)), X86);
        assertThat(answer(program, SeccompData.of(X86, 0, 3, 0, 0x57))).isEqualTo(Action.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 3, 0, 0x67))).isEqualTo(DENIED);
        assertThat(answer(program, SeccompData.of(X86, 0, 4, 0, 0x57))).isEqualTo(DENIED);
    }

    @Test
    void aLongIsComparedInBothHalves() {
        ArgumentTest test = new ArgumentTest(0, -1, Comparison.EQUAL, 0x1_0000_0002L);
        Rule rule = Rule.of("read", Action.ALLOW, "exactly this", test);
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, List.of(rule)), X86);
        assertThat(answer(program, SeccompData.of(X86, 0, 0x1_0000_0002L))).isEqualTo(Action.ALLOW);
        assertThat(answer(program, SeccompData.of(X86, 0, 2))).isEqualTo(DENIED);
        assertThat(answer(program, SeccompData.of(X86, 0, 0x1_0000_0000L))).isEqualTo(DENIED);
    }

    @Test
    void theUpperHalfOfAnIntIsNotRead() {
        Rule rule = Rule.of("read", Action.ALLOW, "an int", ArgumentTest.intIs(0, 3));
        BpfProgram program = FilterCompiler.compile(new FilterPolicy(DENIED, List.of(rule)), X86);
        assertThat(program.instructions())
                .contains(BpfInstruction.of(Opcode.LOAD, 16))
                .doesNotContain(BpfInstruction.of(Opcode.LOAD, 20));
    }

    @Test
    void aRuleOnACallOfTheOtherCpuIsLeftOut() {
        Rule rule = Rule.of("iopl", Action.KILL_PROCESS, "x86 only");
        FilterPolicy policy = new FilterPolicy(Action.ALLOW, List.of(rule));
        BpfProgram program = FilterCompiler.compile(policy, CpuArchitecture.AARCH64);
        for (int number = 0; number < 1024; number++) {
            SeccompData call = SeccompData.of(CpuArchitecture.AARCH64, number);
            assertThat(answer(program, call)).isNotEqualTo(Action.KILL_PROCESS);
        }
    }

    @Test
    void aRuleOnACallThatDoesNotExistIsRefused() {
        List<Rule> rules = List.of(Rule.of("raed", Action.ALLOW, "a slip"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilterPolicy(DENIED, rules))
                .withMessage("call of a rule must be in the system-call table, was raed");
    }

    @Test
    void aPolicyThatNeedsMoreThan4096InstructionsIsRefused() {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < 2100; i++) {
            rules.add(Rule.of("ioctl", Action.ALLOW, "one more", ArgumentTest.intIs(1, i + 1)));
        }
        FilterPolicy policy = new FilterPolicy(DENIED, rules);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilterCompiler.compile(policy, X86))
                .withMessageMatching("instructions must be 1 to 4096, were \\d{4}");
    }

    /// Policies from small to near the limit, so that comparisons have to reach far.
    static IntStream sizes() {
        return IntStream.of(0, 1, 3, 10, 40, 120, 300, 600);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void aRandomPolicyIsAnsweredAsItsRulesSay(int size) {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            Random random = new Random(size);
            FilterPolicy policy = randomPolicy(random, size);
            BpfProgram program = FilterCompiler.compile(policy, cpu);
            PlainFilter plain = new PlainFilter(policy, cpu);
            assertThat(BpfProgram.decode(program.encode())).isEqualTo(program);
            for (int number = -2; number <= 1024; number++) {
                for (int i = 0; i < 8; i++) {
                    SeccompData call = SeccompData.of(cpu, number, smallArguments(random));
                    assertThat(answer(program, call)).as("%s", call).isEqualTo(plain.answer(call));
                }
            }
        }
    }

    @Test
    void aTargetBeyondTheReachOfAComparisonIsReachedThroughAJump() {
        FilterPolicy policy = randomPolicy(new Random(600), 600);
        assertThat(FilterCompiler.compile(policy, X86).instructions())
                .extracting(BpfInstruction::opcode)
                .contains(Opcode.JUMP);
    }

    private static FilterPolicy randomPolicy(Random random, int size) {
        SyscallTable table = SyscallTable.of(X86);
        List<Rule> rules = new ArrayList<>();
        while (rules.size() < size) {
            String call = table.name(random.nextInt(table.limit())).orElse("read");
            ArgumentTest[] tests = new ArgumentTest[random.nextInt(3)];
            for (int i = 0; i < tests.length; i++) {
                tests[i] = randomTest(random);
            }
            rules.add(Rule.of(call, randomAction(random), "random", tests));
        }
        return new FilterPolicy(randomAction(random), rules);
    }

    private static ArgumentTest randomTest(Random random) {
        boolean isInt = random.nextBoolean();
        long mask = isInt ? random.nextInt(1, 8) : random.nextLong() | 1;
        if (random.nextInt(3) == 0) {
            mask = isInt ? 0xffffffffL : -1;
        }
        Comparison comparison = random.nextBoolean() ? Comparison.EQUAL : Comparison.NOT_EQUAL;
        long value = random.nextInt(4) & mask;
        return new ArgumentTest(random.nextInt(6), mask, comparison, value);
    }

    private static Action randomAction(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> Action.KILL_PROCESS;
            case 1, 2 -> new Action.Fail(random.nextInt(1, 20));
            default -> Action.ALLOW;
        };
    }

    private static long[] smallArguments(Random random) {
        return random.longs(6, 0, 4)
                .map(value -> random.nextInt(4) == 0 ? value | random.nextLong() << 32 : value)
                .toArray();
    }

    private static Action answer(BpfProgram program, SeccompData call) {
        return BpfEvaluator.run(program, call).action();
    }
}
