package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.kernel.Prober.Probe;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Every call that a profile closes, made for real. What is made is read off the policy: for each
/// rule, arguments that lead to it.
///
/// The kernel itself refuses much of this to a program without privileges, with the same errors. So
/// each policy is also run with **marked** errors, which no kernel has: then an answer tells who
/// gave it.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProfileTest {

    /// Above every error of the kernel, and below 4096, where errors end.
    private static final int MARK = 3000;

    private static final int AT_ONCE = 4;

    private static boolean fails(SyscallRule rule) {
        return rule.action() instanceof SyscallAction.Fail;
    }

    private static SyscallAction marked(SyscallAction action) {
        return action instanceof SyscallAction.Fail(int errno)
                ? new SyscallAction.Fail(MARK + errno)
                : action;
    }

    private static SyscallPolicy marked(SyscallPolicy policy) {
        return new SyscallPolicy(
                marked(policy.otherwise()),
                marked(policy.unknown()),
                policy.rules().stream()
                        .map(rule ->
                                new SyscallRule(
                                        rule.call(),
                                        rule.tests(),
                                        marked(rule.action()),
                                        rule.reason()))
                        .toList(),
                policy.flags());
    }

    private static int errno(SyscallPolicy policy, Probe probe) {
        return ((SyscallAction.Fail) policy.decide(probe.call(), probe.registers())).errno();
    }

    /// What fails by the rules of `policy` fails so in the kernel.
    private static void failsAsThePolicySays(SyscallPolicy policy) {
        List<Probe> probes = Prober.probes(policy, ProfileTest::fails);
        assertThat(probes).hasSizeGreaterThan(250);
        List<String> answers;
        try (Sandbox sandbox = Prober.sandbox(policy)) {
            answers = Prober.answers(sandbox, probes);
        }
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            int expected = errno(policy, probes.get(i));
            if (!answers.get(i).equals(String.valueOf(expected))) {
                wrong.add("%s: %s, and not %d".formatted(probes.get(i), answers.get(i), expected));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void aClosedCallFailsWithItsError(SyscallProfile profile) {
        failsAsThePolicySays(profile.policy());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void itIsTheFilterThatAnswers(SyscallProfile profile) {
        failsAsThePolicySays(marked(profile.policy()));
    }

    /// The twin: with arguments that mean nothing, so that little happens.
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void anOpenCallReachesTheKernel(SyscallProfile profile) {
        SyscallPolicy policy = marked(profile.policy());
        List<Probe> probes =
                Stream.of(Syscall.values())
                        .filter(Prober::exists)
                        .filter(call -> isAlwaysOpen(policy, call))
                        // The one that would write back the host's file systems.
                        .filter(call -> call != Syscall.SYNC)
                        .map(call -> new Probe(call, Collections.nCopies(6, -1L)))
                        .toList();
        assertThat(probes).hasSizeGreaterThan(180);
        try (Sandbox sandbox = Prober.sandbox(policy)) {
            List<String> answers = Prober.answers(sandbox, probes);
            for (int i = 0; i < probes.size(); i++) {
                assertThat(answers.get(i)).as(probes.get(i).toString()).doesNotMatch("[34]\\d{3}");
            }
        }
    }

    private static boolean isAlwaysOpen(SyscallPolicy policy, Syscall call) {
        List<SyscallRule> rules =
                policy.rules().stream().filter(rule -> rule.call() == call).toList();
        return rules.isEmpty()
                ? policy.otherwise().equals(SyscallAction.ALLOW)
                : rules.stream().allMatch(rule -> rule.action().equals(SyscallAction.ALLOW));
    }

    static Stream<Probe> forbidden() {
        SyscallPolicy judge = SyscallPolicy.judge();
        return Prober.probes(judge, rule -> rule.action().equals(SyscallAction.KILL)).stream();
    }

    @Test
    void aForbiddenCallEndsTheRun() throws Exception {
        List<Probe> probes = forbidden().toList();
        assertThat(probes).hasSizeGreaterThan(100);
        try (Sandbox sandbox = Prober.sandbox(SyscallPolicy.judge());
                ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> runs = new ArrayList<>();
            for (Probe probe : probes) {
                runs.add(executor.submit(() -> assertForbidden(sandbox, probe)));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }

    private static void assertForbidden(Sandbox sandbox, Probe probe) {
        assertThat(Prober.alone(sandbox, probe)).violatedThePolicy();
    }

    /// The twin: the same calls are made, and mostly refused by the kernel.
    @Test
    void withoutAFilterNoneOfThemEndsTheRun() {
        List<Probe> probes = forbidden().filter(ProfileTest::isPlain).toList();
        assertThat(probes).hasSizeGreaterThan(30);
        try (Sandbox sandbox = Prober.sandbox(SyscallPolicy.unfiltered())) {
            assertThat(Prober.answers(sandbox, probes)).doesNotContain("signal 31");
        }
    }

    private static boolean isPlain(Probe probe) {
        return probe.arguments().stream().skip(1).allMatch(argument -> argument == 0);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void theCallsThatHideTheirPurposeInMemoryFail(SyscallProfile profile) {
        Sandbox.Builder builder = Victims.strict().syscalls(profile.policy());
        // struct clone_args, with all flags 0: a fork. struct io_uring_params.
        assertThat(Runs.run(builder, Victims.call("clone3", "z:64", 64))).failedWith(Errno.ENOSYS);
        assertThat(Runs.run(builder, Victims.call("io_uring_setup", 1, "z:120")))
                .failedWith(Errno.ENOSYS);
    }

    @Test
    void withoutAFilterTheyReachTheKernel() {
        Sandbox.Builder builder = Victims.strict().syscalls(SyscallPolicy.unfiltered());
        assertThat(Runs.run(builder, Victims.call("clone3", "z:64", 64))).exited(0);
        int onHost = Victims.onHost("sys", "io_uring_setup", "1", "z:120");
        Assumptions.assumeTrue(
                onHost != Errno.ENOSYS.number(), "this kernel has no io_uring: CONFIG_IO_URING");
        // It is EPERM where /proc/sys/kernel/io_uring_disabled says so.
        assertThat(Runs.run(builder, Victims.call("io_uring_setup", 1, "z:120")).outcome())
                .isNotEqualTo(new Outcome.Exited(Errno.ENOSYS.number()));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void numbersThatAreNoCallFailWithEnosys(SyscallProfile profile) {
        SyscallPolicy policy = marked(profile.policy());
        for (int number : new int[] {500, 1023, 0x3fff_ffff}) {
            assertThat(Runs.run(Victims.strict().syscalls(policy), Victims.call("" + number)))
                    .exited((MARK + Errno.ENOSYS.number()) & 0xff);
        }
    }

    /// getpid and mount, and two that the profiles close by other numbers.
    static Stream<Arguments> foreignCalls() {
        return Stream.of(SyscallProfile.values())
                .filter(profile -> profile != SyscallProfile.UNFILTERED)
                .flatMap(profile ->
                        Stream.of(
                                Arguments.of(profile, "int80", 20),
                                Arguments.of(profile, "int80", 21),
                                Arguments.of(profile, "int80", 26),
                                Arguments.of(profile, "int80", 425),
                                Arguments.of(profile, "x32", 39),
                                Arguments.of(profile, "x32", 165),
                                Arguments.of(profile, "x32", 520),
                                Arguments.of(profile, "x32", 425)));
    }

    @ParameterizedTest
    @MethodSource("foreignCalls")
    void aCallOfAForeignAbiEndsTheRun(SyscallProfile profile, String abi, int number) {
        needsX86(abi);
        try (Sandbox sandbox = Prober.sandbox(profile.policy())) {
            assertThat(Prober.foreign(sandbox, abi, number)).violatedThePolicy();
        }
    }

    /// The twin: the kernel makes the call, or says that it has no such ABI.
    @ParameterizedTest
    @CsvSource({"int80, 20", "x32, 39"})
    void withoutAFilterItDoesNot(String abi, int number) {
        needsX86(abi);
        try (Sandbox sandbox = Prober.sandbox(SyscallPolicy.unfiltered())) {
            assertThat(Prober.foreign(sandbox, abi, number)).exited(0);
        }
    }

    private static void needsX86(String abi) {
        Assumptions.assumeTrue(Kernel.cpu() == CpuArchitecture.X86_64, abi + " is for x86-64 only");
        Assumptions.assumeFalse(
                abi.equals("int80") && Host.isUserModeLinux(),
                "User Mode Linux takes int 0x80 for a native call");
    }
}
