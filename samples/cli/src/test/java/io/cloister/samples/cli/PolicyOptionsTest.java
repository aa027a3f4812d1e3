package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.oci.SeccompAction;
import io.cloister.sandbox.syscall.oci.SeccompEntry;
import io.cloister.sandbox.syscall.oci.SeccompProfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Each option is the call of the builder that it is named after.
class PolicyOptionsTest {
    private static SandboxSpec spec(String... words) {
        RunCommand run = new RunCommand();
        new CommandLine(run.self, Options.FACTORY).setStopAtPositional(true).parseArgs(words);
        return run.policy.spec();
    }

    @Test
    void withoutOptionsThePolicyIsTheStrictest() {
        assertThat(spec("true")).isEqualTo(SandboxSpec.strict());
    }

    @Test
    void privileges() {
        assertThat(
                        spec(
                                "--cap-keep",
                                "net_raw",
                                "--cap-keep",
                                "CAP_CHOWN",
                                "--harden",
                                "denyWriteExecute",
                                "--harden",
                                "CORESCHEDULING",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .keepCapabilities(Capability.NET_RAW, Capability.CHOWN)
                                .harden(Hardening.DENY_WRITE_EXECUTE, Hardening.CORE_SCHEDULING)
                                .spec());
    }

    @Test
    void aCapabilityThatIsNoneIsRefusedWithTheirNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec("--cap-keep", "ALL", "x"))
                .withMessageStartingWith("--cap-keep: expected one of CHOWN, DAC_OVERRIDE,")
                .withMessageEndingWith(", was \"ALL\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec("--harden", "all", "x"))
                .withMessage(
                        "--harden: expected one of denyWriteExecute, mitigateSpeculation,"
                                + " coreScheduling, was \"all\"");
    }

    @Test
    void limits() {
        assertThat(
                        spec(
                                "--memory",
                                "64m",
                                "--memory-high",
                                "48m",
                                "--swap",
                                "1m",
                                "--pids",
                                "7",
                                "--cpus",
                                "0.5",
                                "--cpuset",
                                "0-1",
                                "--cpu-time",
                                "1s",
                                "--wall-time",
                                "500ms",
                                "--idle-time",
                                "2s",
                                "--extra-time",
                                "100ms",
                                "--output",
                                "1m",
                                "--rlimit",
                                "nofile=8:9",
                                "--rlimit",
                                "CPU=unlimited",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .memoryLimit(Bytes.mebibytes(64))
                                .memoryHigh(Bytes.mebibytes(48))
                                .swapLimit(Bytes.mebibytes(1))
                                .pidsLimit(7)
                                .cpus(0.5)
                                .cpuset("0-1")
                                .cpuTimeLimit(Duration.ofSeconds(1))
                                .wallTimeLimit(Duration.ofMillis(500))
                                .idleTimeLimit(Duration.ofSeconds(2))
                                .extraTime(Duration.ofMillis(100))
                                .outputLimit(Bytes.mebibytes(1))
                                .rlimit(Rlimit.NOFILE, 8, 9)
                                .rlimit(Rlimit.CPU, -1)
                                .spec());
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "swap", "pids", "cpu-time", "wall-time", "output"})
    void aDefaultCanBeLifted(String option) {
        ResourceLimits lifted = spec("--" + option, "unlimited", "x").limits();
        ResourceLimits standard = ResourceLimits.standard();
        assertThat(lifted)
                .isEqualTo(
                        switch (option) {
                            case "memory" -> standard.unlimitedMemory();
                            case "swap" -> standard.unlimitedSwap();
                            case "pids" -> standard.unlimitedPids();
                            case "cpu-time" -> standard.unlimitedCpuTime();
                            case "wall-time" -> standard.unlimitedWallTime();
                            default -> standard.unlimitedOutput();
                        });
    }

    @Test
    void bestEffortIsAppliedLast() {
        ResourceLimits limits =
                spec("--best-effort", "CPUS", "--cpus", "2", "--memory", "64m", "x").limits();
        assertThat(limits.isRequired(LimitItem.CPUS)).isFalse();
        assertThat(limits.isRequired(LimitItem.MEMORY)).isTrue();
        assertThat(spec("--memory", "64m", "--best-effort", "all", "x").limits().bestEffort())
                .containsExactly(LimitItem.values());
        assertThat(
                        spec("--memory", "64m", "--best-effort", "memory", "x")
                                .limits()
                                .isRequired(LimitItem.MEMORY))
                .isFalse();
    }

    @Test
    void systemCalls() {
        assertThat(spec("--syscalls", "judge", "x"))
                .isEqualTo(Sandbox.builder().syscalls(SyscallPolicy.judge()).spec());
        SyscallPolicy policy =
                spec(
                                "--syscalls",
                                "build",
                                "--deny-syscall",
                                "ptrace:kill",
                                "--deny-syscall",
                                "socket:eafnosupport",
                                "--deny-syscall",
                                "@debug",
                                "x")
                        .syscalls();
        assertThat(policy.decide(Syscall.PTRACE)).isEqualTo(SyscallAction.KILL);
        assertThat(policy.decide(Syscall.SOCKET, 1))
                .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
        assertThat(policy.decide(Syscall.KCMP)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThat(policy.decide(Syscall.GETPID)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.profile()).contains(SyscallProfile.BUILD);
    }

    @Test
    void aDeniedCallStandsBeforeTheDefault() {
        SyscallPolicy policy = spec("--deny-syscall", "socket", "x").syscalls();
        assertThat(policy.profile()).contains(SyscallProfile.STANDARD);
        assertThat(policy.decide(Syscall.SOCKET, 1)).isEqualTo(SyscallAction.fail(Errno.EPERM));
    }

    @Test
    void theShellCompletesTheProfiles() {
        assertThat(
                        new CommandLine(new RunCommand().self, Options.FACTORY)
                                .getCommandSpec()
                                .findOption("--syscalls")
                                .completionCandidates())
                .containsExactly("standard", "judge", "plugin", "build", "unfiltered");
    }

    @Test
    void files() {
        assertThat(
                        spec(
                                "--root",
                                "/r",
                                "--ro",
                                "/a",
                                "--ro",
                                "/b:/c",
                                "--rw",
                                "/d:/e",
                                "--tmpfs",
                                "/f:1m",
                                "--workdir",
                                "/e",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .root(Path.of("/r"))
                                .readOnly(Path.of("/a"))
                                .readOnly(Path.of("/b"), "/c")
                                .writable(Path.of("/d"), "/e")
                                .tmpfs("/f", Bytes.mebibytes(1))
                                .workDirectory("/e")
                                .spec());
    }

    @Test
    void surroundings() {
        assertThat(
                        spec(
                                "--env",
                                "A=b=c",
                                "--env",
                                "E=",
                                "--net",
                                "host",
                                "--hostname",
                                "h",
                                "--tcp-bind",
                                "80",
                                "--tcp-bind",
                                "0",
                                "--tcp-connect",
                                "none",
                                "--uid",
                                "0",
                                "--gid",
                                "5",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .environment("A", "b=c")
                                .environment("E", "")
                                .hostNet()
                                .hostName("h")
                                .allowTcpBind(0, 80)
                                .denyTcpConnect()
                                .user(0, 5)
                                .spec());
    }

    @Test
    void optionsAreAppliedOnTopOfAPolicy(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        SandboxSpec policy =
                Sandbox.builder().user(3, 4).hostNet().wallTimeLimit(Duration.ofSeconds(9)).spec();
        policy.write(file);

        assertThat(spec("--policy", file.toString(), "x")).isEqualTo(policy);
        assertThat(spec("--policy", file.toString(), "--net", "none", "--gid", "5", "x"))
                .isEqualTo(policy.toBuilder().newNet().user(3, 5).spec());
        assertThat(spec("--uid", "5", "--policy", file.toString(), "x"))
                .isEqualTo(policy.toBuilder().user(5, 4).spec());
    }

    @Test
    void theWordsOfTheCommandAreItsOwn() {
        RunCommand run = new RunCommand();
        new CommandLine(run.self, Options.FACTORY)
                .setStopAtPositional(true)
                .setExpandAtFiles(false)
                .parseArgs("--net", "host", "--", "sh", "-c", "--net", "--", "@x", "\"q\"");

        assertThat(run.command().program()).isEqualTo("sh");
        assertThat(run.command().arguments()).containsExactly("-c", "--net", "--", "@x", "\"q\"");
    }

    @Test
    void systemCallsComeFromAPolicyOrAProfile(@TempDir Path directory) {
        Path file = directory.resolve("calls.json");
        SyscallPolicy policy = SyscallPolicy.of(SyscallAction.TRAP);
        policy.write(file);
        assertThat(spec("--seccomp", file.toString(), "x"))
                .isEqualTo(Sandbox.builder().syscalls(policy).spec());

        SeccompProfile.of(
                        SeccompAction.ERRNO,
                        SeccompEntry.of(List.of("read", "socketcall"), SeccompAction.ALLOW))
                .write(file);
        RunCommand run = new RunCommand();
        new CommandLine(run.self, Options.FACTORY).parseArgs("--seccomp", file.toString(), "x");
        SyscallPolicy read = run.policy.spec().syscalls();
        assertThat(read.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(read.decide(Syscall.WRITE)).hasToString("EPERM");
        assertThat(run.policy.notHonoured())
                .singleElement()
                .asString()
                .startsWith("--seccomp: syscalls[0]: no system calls of ")
                .endsWith("so left out: socketcall");
    }

    @Test
    void aFileThatSaysNothingOfSystemCallsIsRefused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("calls.json"), "{\"limits\":{}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec("--seccomp", file.toString(), "x"))
                .withMessageStartingWith(
                        "--seccomp: " + file + ":1:2: limits: unknown field; known here: profile,");
    }

    @Test
    void theTier() {
        assertThat(spec("--confined", "x")).isEqualTo(Sandbox.builder().confined().spec());
        assertThat(spec("--confined-if-needed", "x"))
                .isEqualTo(Sandbox.builder().confinedIfNeeded().spec());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec("--confined", "--hostname", "a", "x"))
                .withMessage("hostName(...) and confined() exclude each other");
    }
}
