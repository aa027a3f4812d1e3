package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.SpeculationKind;
import io.cloister.sandbox.linux.program.Linux;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.LimitItem;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Protections hold where the kernel has them, for the whole tree; where it has not, they are
/// refused or told.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HardeningTest {

    private static Sandbox.Builder denying() {
        Assumptions.assumeTrue(
                Kernel.processControl(Linux.PR_GET_MDWE, 0) >= 0,
                "no PR_SET_MDWE here: run a kernel from 6.3 on");
        return strict().harden(Hardening.DENY_WRITE_EXECUTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mapboth", "gain"})
    void memoryIsNeverWritableAndExecutable(String act) {
        assertThat(run(denying(), victim(act))).failedWith(Errno.EACCES);
        assertThat(run(strict(), victim(act))).exited(0);
    }

    @Test
    void memoryCanBeExecutableFromTheBeginning() {
        assertThat(run(denying(), victim("mapexecutable"))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mapboth", "gain"})
    void soItIsForAllThatComesOfTheCommand(String act) {
        String grandchild =
                "sh -c 'sh -c \"/victim %s; exit \\$?\"; exit $?'; exit $?".formatted(act);
        assertThat(shell(denying(), grandchild)).failedWith(Errno.EACCES);
        assertThat(shell(strict(), grandchild)).exited(0);
    }

    @Test
    void soItIsWhereTheCommandSharesNoMemoryWithTheFirstProcess() {
        Sandbox.Builder builder = denying().clockOffset(SandboxClock.MONOTONIC, Duration.ofDays(1));
        assertThat(run(builder, victim("gain"))).failedWith(Errno.EACCES);
    }

    @Test
    void itCannotBeTakenBack() {
        // PR_SET_MDWE, PR_GET_MDWE.
        assertThat(run(denying(), call("prctl", 65, 0, 0, 0, 0))).failedWith(Errno.EPERM);
        assertThat(run(denying(), call("prctl", 66, 0, 0, 0, 0))).printed("ok 1\n");
        assertThat(run(strict(), call("prctl", 66, 0, 0, 0, 0))).printed("ok 0\n");
    }

    @Test
    void ordinaryProgramsRun() {
        assertThat(printed(denying(), "echo $((6 * 7)) | cat")).isEqualTo("42\n");
    }

    @Test
    void anInterpreterThatCompilesNothingRuns() {
        Host.needsProgram("python3", "python3");
        assertThat(run(denying(), "/usr/bin/python3", "-c", "import json; print(6 * 7)"))
                .exited(0)
                .printed("42\n");
    }

    @Test
    void aProgramThatCompilesAtRunTimeDoesNotRun() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Assumptions.assumeTrue(
                java.startsWith("/usr/"), "the JDK of this JVM is not below /usr: " + java);
        assertThat(run(roomy(strict()), java, "-version")).exited(0);
        assertThat(run(roomy(denying()), java, "-version").outcome().isSuccess()).isFalse();
    }

    @Test
    void nodeDoesNotRun() {
        Host.needsProgram("node", "nodejs");
        assertThat(run(roomy(strict()), "/usr/bin/node", "-e", "1")).exited(0);
        assertThat(run(roomy(denying()), "/usr/bin/node", "-e", "1").outcome().isSuccess())
                .isFalse();
    }

    private static Sandbox.Builder roomy(Sandbox.Builder builder) {
        return builder.memoryLimit(Bytes.gibibytes(2)).bestEffort(LimitItem.MEMORY);
    }

    @Test
    void itIsTold() {
        assertThat(told(run(denying(), "true"), "denyWriteExecute")).isEqualTo("on");
    }

    private static String told(SandboxResult result, String item) {
        return result.enforced().stream()
                .filter(e -> e.item().equals(item))
                .map(e -> e.value())
                .findFirst()
                .orElse("nothing");
    }

    private static SpeculationKind.State state(SpeculationKind kind) {
        return kind.state(
                Kernel.processControl(Linux.PR_GET_SPECULATION_CTRL, kind.number()), true);
    }

    private static String status(Sandbox.Builder builder, String field) {
        // Of a grandchild.
        String text = printed(builder, "sh -c 'grep " + field + ": /proc/self/status; true'; true");
        return text.substring(text.indexOf(':') + 1).strip();
    }

    @Test
    void storesAreNotPassedWhereTheProcessorCanBeKeptFromIt() {
        Assumptions.assumeTrue(
                state(SpeculationKind.STORE_BYPASS) == SpeculationKind.State.CONTROLLED,
                "no control over speculative store bypass here: the processor must have SSBD");
        Sandbox.Builder builder = strict().harden(Hardening.MITIGATE_SPECULATION);
        assertThat(status(builder, "Speculation_Store_Bypass")).isEqualTo("thread force mitigated");
        assertThat(status(strict(), "Speculation_Store_Bypass")).isEqualTo("thread vulnerable");
    }

    @Test
    void indirectBranchesAreNotGuessedWhereTheProcessorCanBeKeptFromIt() {
        Assumptions.assumeTrue(
                state(SpeculationKind.INDIRECT_BRANCH) == SpeculationKind.State.CONTROLLED,
                "no control over indirect branches here: the processor must have IBPB or STIBP");
        Sandbox.Builder builder = strict().harden(Hardening.MITIGATE_SPECULATION);
        assertThat(status(builder, "SpeculationIndirectBranch"))
                .isEqualTo("conditional force disabled");
        assertThat(status(strict(), "SpeculationIndirectBranch")).isEqualTo("conditional enabled");
    }

    @Test
    void whatTheProcessorLetsBeDoneIsToldKindByKind() {
        SandboxResult result =
                run(strict().harden(Hardening.MITIGATE_SPECULATION), victim("exit", "3"));
        assertThat(result).exited(3);
        assertThat(told(result, "speculativeStoreBypass"))
                .isEqualTo(expected(SpeculationKind.STORE_BYPASS));
        assertThat(told(result, "indirectBranchSpeculation"))
                .isEqualTo(expected(SpeculationKind.INDIRECT_BRANCH));
        assertThat(told(run(strict(), "true"), "speculativeStoreBypass")).isEqualTo("nothing");
    }

    private static String expected(SpeculationKind kind) {
        return switch (state(kind)) {
            case CONTROLLED, ALWAYS_PROTECTED -> "off";
            case NOT_AFFECTED -> "not needed";
            case NO_CONTROL, SHARED_CORES, UNKNOWN -> "on";
        };
    }

    @Test
    void coresAreItsOwnWhereTheKernelSchedulesThem() {
        Assumptions.assumeTrue(
                Kernel.coreCookie() >= 0,
                "no core scheduling here: needs CONFIG_SCHED_CORE and cores of several threads");
        Sandbox.Builder builder = strict().harden(Hardening.CORE_SCHEDULING);
        String script = "/victim cookie; sh -c '/victim cookie; true'";
        String[] first = printed(builder, script).split("\n");
        String[] second = printed(builder, script).split("\n");
        assertThat(first[0]).isNotEqualTo("0").isEqualTo(first[1]).isNotEqualTo(second[0]);
        assertThat(printed(strict(), script)).isEqualTo("0\n0\n");
    }

    @Test
    void coreSchedulingIsRefusedWhereTheKernelHasNone() {
        Assumptions.assumeTrue(
                Kernel.coreCookie() < 0, "core scheduling is here: needs a kernel without");
        assertThatThrownBy(() -> strict().harden(Hardening.CORE_SCHEDULING).build())
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> assertThat(e).hasMessageStartingWith("CORE_SCHEDULING was asked for"));
    }
}
