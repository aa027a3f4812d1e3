package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The filters of all profiles, on both CPUs.
class ProfileFilterTest {

    /// Loads number and architecture, compares each; the rest is for the tree.
    private static final int STEPS_BEFORE_THE_TREE = 5;

    static Stream<Arguments> filters() {
        return Stream.of(SyscallProfile.values())
                .filter(profile -> profile != SyscallProfile.UNFILTERED)
                .flatMap(profile ->
                        Stream.of(CpuArchitecture.values()).map(cpu -> Arguments.of(profile, cpu)));
    }

    private static BpfProgram compile(SyscallProfile profile, CpuArchitecture cpu) {
        return FilterCompiler.compile(profile.policy(), cpu, FilterCompiler.Options.NONE);
    }

    private static SeccompData data(CpuArchitecture cpu, int number, List<Long> arguments) {
        return SeccompData.of(cpu, number, arguments.stream().mapToLong(Long::longValue).toArray());
    }

    @ParameterizedTest
    @MethodSource("filters")
    void everyNumberIsAnsweredAsTheRulesSay(SyscallProfile profile, CpuArchitecture cpu) {
        BpfProgram program = compile(profile, cpu);
        PlainFilter plain = new PlainFilter(profile.policy(), cpu);
        Random random = new Random(profile.ordinal());
        for (int number = -2; number <= 1024; number++) {
            for (int i = 0; i < 20; i++) {
                long[] arguments = random.longs(6).map(v -> v >>> random.nextInt(64)).toArray();
                SeccompData call = SeccompData.of(cpu, number, arguments);
                assertThat(BpfEvaluator.run(program, call).action())
                        .as("%s", call)
                        .isEqualTo(plain.answer(call));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("filters")
    void everyRuleIsAnsweredWhereItApplies(SyscallProfile profile, CpuArchitecture cpu) {
        SyscallPolicy policy = profile.policy();
        BpfProgram program = compile(profile, cpu);
        SyscallTable table = SyscallTable.of(cpu);
        for (SyscallRule rule : policy.rules()) {
            if (table.number(rule.call()).isEmpty()) {
                continue;
            }
            int number = table.number(rule.call()).getAsInt();
            for (List<Long> arguments : RuleArguments.of(policy, rule)) {
                assertThat(BpfEvaluator.run(program, data(cpu, number, arguments)).action())
                        .as("%s with %s", rule, arguments)
                        .isEqualTo(rule.action());
            }
        }
    }

    /// What reaches past the sandbox by its arguments does so under no profile.
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void whatTheStandardProfileClosesEveryProfileCloses(SyscallProfile profile) {
        SyscallPolicy standard = SyscallPolicy.standard();
        int closed = 0;
        for (SyscallRule rule : standard.rules()) {
            if (rule.action().equals(SyscallAction.ALLOW)) {
                continue;
            }
            for (List<Long> arguments : RuleArguments.of(standard, rule)) {
                long[] registers = arguments.stream().mapToLong(Long::longValue).toArray();
                assertThat(profile.policy().decide(rule.call(), registers))
                        .as("%s with %s", rule, arguments)
                        .isNotEqualTo(SyscallAction.ALLOW);
                closed++;
            }
        }
        assertThat(closed).isGreaterThan(200);
    }

    /// The kernel runs the filter once for each number when it is installed, and never again for
    /// those that it finds always allowed: the answer must not need an argument.
    @ParameterizedTest
    @MethodSource("filters")
    void anOpenCallWithoutTestsNeedsNoArgument(SyscallProfile profile, CpuArchitecture cpu) {
        SyscallPolicy policy = profile.policy();
        BpfProgram program = compile(profile, cpu);
        SyscallTable table = SyscallTable.of(cpu);
        Set<String> tested = new TreeSet<>();
        for (int number = 0; number < table.limit(); number++) {
            Syscall call = table.call(number).orElse(null);
            if (call == null) {
                continue;
            }
            if (readsArguments(program, SeccompData.of(cpu, number))) {
                tested.add(call.label());
            }
        }
        assertThat(tested)
                .as("calls whose arguments are read")
                .containsExactlyInAnyOrderElementsOf(
                        policy.rules().stream()
                                .filter(rule -> !rule.tests().isEmpty())
                                .map(SyscallRule::call)
                                .filter(call -> table.number(call).isPresent())
                                .map(Syscall::label)
                                .distinct()
                                .toList());
        // What programs make thousands of times a second is not among them.
        assertThat(tested)
                .doesNotContain(
                        "read",
                        "write",
                        "futex",
                        "newfstatat",
                        "statx",
                        "fstat",
                        "getdents64",
                        "close",
                        "mmap",
                        "munmap",
                        "epoll_wait",
                        "clock_gettime",
                        "sendto");
    }

    /// Follows the program as the kernel does when it looks for answers that are always the same.
    private static boolean readsArguments(BpfProgram program, SeccompData call) {
        int next = 0;
        int accumulator = 0;
        while (true) {
            BpfInstruction instruction = program.instructions().get(next++);
            int operand = instruction.operand();
            switch (instruction.opcode()) {
                case LOAD -> {
                    if (operand != SeccompData.NUMBER_OFFSET
                            && operand != SeccompData.ARCHITECTURE_OFFSET) {
                        return true;
                    }
                    accumulator = call.word(operand);
                }
                case JUMP -> next += operand;
                case RETURN -> {
                    return false;
                }
                case EQUAL, AT_LEAST, ABOVE, ANY_BIT -> {
                    boolean holds = holds(instruction.opcode(), accumulator, operand);
                    next += holds ? instruction.then() : instruction.otherwise();
                }
                case AND -> throw new IllegalStateException("the kernel gives up at AND");
            }
        }
    }

    private static boolean holds(Opcode opcode, int accumulator, int operand) {
        return switch (opcode) {
            case EQUAL -> accumulator == operand;
            case AT_LEAST -> Integer.compareUnsigned(accumulator, operand) >= 0;
            case ABOVE -> Integer.compareUnsigned(accumulator, operand) > 0;
            default -> (accumulator & operand) != 0;
        };
    }

    @ParameterizedTest
    @MethodSource("filters")
    void theFilterIsShort(SyscallProfile profile, CpuArchitecture cpu) {
        BpfProgram program = compile(profile, cpu);
        SyscallTable table = SyscallTable.of(cpu);
        int[] steps =
                IntStream.range(0, table.limit())
                        .filter(number -> table.call(number).isPresent())
                        .map(number ->
                                BpfEvaluator.run(program, SeccompData.of(cpu, number)).steps())
                        .toArray();
        assertThat(program.instructions()).hasSizeLessThanOrEqualTo(400);
        assertThat(IntStream.of(steps).average().orElseThrow()).isLessThanOrEqualTo(16);
        assertThat(IntStream.of(steps).max().orElseThrow()).isLessThanOrEqualTo(40);
        assertThat(IntStream.of(steps).min().orElseThrow()).isGreaterThan(STEPS_BEFORE_THE_TREE);
    }
}
