package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;
import static io.cloister.sandbox.policy.Capability.*;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The command has the capabilities that it keeps, exactly these, and nobody else has any.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CapabilityTest {

    private static final List<String> SETS =
            List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");
    private static final String STATUS = "/proc/self/status";

    /// SECBIT_NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE with their locks, KEEP_CAPS_LOCKED.
    private static final int SECUREBITS = 0xef;

    private static void hasExactly(String status, Capability... kept) {
        long bits = Arrays.stream(kept).mapToLong(c -> 1L << c.number()).sum();
        for (String set : SETS) {
            assertThat(status).contains("%s:\t%016x\n".formatted(set, bits));
        }
    }

    static Stream<Set<Capability>> kept() {
        return Stream.of(
                Set.of(),
                Set.of(NET_RAW),
                Set.of(CHOWN, NET_BIND_SERVICE, SYS_CHROOT),
                Set.of(SETPCAP, SYS_ADMIN, CHECKPOINT_RESTORE),
                Set.of(Capability.values()));
    }

    @ParameterizedTest
    @MethodSource("kept")
    void allSetsHaveWhatIsKeptAndNothingElse(Set<Capability> kept) {
        Capability[] array = kept.toArray(Capability[]::new);
        for (int uid : new int[] {0, 1000}) {
            Sandbox.Builder builder = strict().user(uid, uid).keepCapabilities(array);
            hasExactly(run(builder, "cat", STATUS).stdoutText(), array);
            // A shell, which executes cat.
            hasExactly(printed(builder, "cat " + STATUS + "; true"), array);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void soItIsWithRangesOfUsers(int uid) {
        Host.needsRoot();
        Sandbox.Builder builder =
                strict().user(uid, 6)
                        .mapUids(0, 200_000, 100)
                        .mapGids(0, 300_000, 100)
                        .keepCapabilities(CHOWN, SETUID);
        hasExactly(printed(builder, "cat " + STATUS + "; true"), CHOWN, SETUID);
    }

    @Test
    void userZeroThatBecomesAnotherKeepsThem() {
        Host.needsRoot();
        Sandbox.Builder builder =
                strict().user(0, 0)
                        .mapUids(0, 200_000, 100)
                        .mapGids(0, 300_000, 100)
                        .keepCapabilities(CHOWN, SETUID);
        String status = printed(builder, "exec /victim become 5 /bin/cat " + STATUS);
        assertThat(status).contains("Uid:\t5\t5\t5\t5\n");
        hasExactly(status, CHOWN, SETUID);
    }

    /// The first process, which ends them, is user 5.
    @Test
    void whoBecameAnotherUserEndsWithTheCommandAllTheSame() {
        Host.needsRoot();
        Sandbox.Builder builder =
                strict().user(5, 6)
                        .mapUids(0, 200_000, 100)
                        .mapGids(0, 300_000, 100)
                        .keepCapabilities(SETUID)
                        .wallTimeLimit(Duration.ofSeconds(10));
        String daemon = "/victim become 7 /bin/sleep 600 < /dev/null > /dev/null 2>&1 & ";
        assertThat(Runs.shell(builder, daemon + "sleep 0.2; cat /proc/1/status; exit 3"))
                .exited(3)
                .satisfies(result ->
                        assertThat(result.stdoutText())
                                .contains("CapEff:\t%016x\n".formatted(1 << KILL.number())));
    }

    static Stream<UnaryOperator<Sandbox.Builder>> launches() {
        return Stream.of(
                builder -> builder,
                Sandbox.Builder::hostPid,
                builder -> builder.clockOffset(SandboxClock.MONOTONIC, Duration.ofDays(1)),
                builder -> builder.user(0, 0));
    }

    @ParameterizedTest
    @MethodSource("launches")
    void theFirstProcessHasNone(UnaryOperator<Sandbox.Builder> launch) throws IOException {
        Command command = Command.of("/bin/sh", "-c", "echo; exec sleep 600");
        Sandbox.Builder builder = launch.apply(strict()).keepCapabilities(NET_RAW, SYS_ADMIN);
        try (Sandbox sandbox = builder.build()) {
            for (int i = 0; i < 2; i++) {
                SandboxProcess process = sandbox.start(command);
                try (BufferedReader reader = process.inputReader()) {
                    reader.readLine();
                }
                hasExactly(Host.read("/proc/" + process.pid() + "/status"), NET_RAW, SYS_ADMIN);
                String first = Host.read("/proc/" + parent(process.pid()) + "/status");
                assertThat(first).contains("Name:\tcloister\n").contains("NoNewPrivs:\t1\n");
                hasExactly(first);
            }
        }
    }

    private static String parent(long pid) {
        return Host.read("/proc/" + pid + "/status")
                .lines()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring(5).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPortBelow1024CanBeBoundWithTheCapabilityAlone() {
        assertThat(run(strict(), victim("bind4", "80"))).failedWith(Errno.EACCES);
        assertThat(run(strict().user(0, 0), victim("bind4", "80"))).failedWith(Errno.EACCES);
        assertThat(run(strict().keepCapabilities(NET_BIND_SERVICE), victim("bind4", "80")))
                .exited(0);
    }

    @Test
    void onTheHostsNetworkItCountsForNothing() {
        Sandbox.Builder builder = strict().hostNet().keepCapabilities(NET_BIND_SERVICE);
        assertThat(run(builder, victim("bind4", "1"))).failedWith(Errno.EACCES);
        assertThat(run(builder, victim("bind4", "0"))).exited(0);
    }

    @Test
    void aRawSocketCanBeOpenedWithTheCapabilityAlone() {
        assertThat(run(strict(), call("socket", 2, 3, 1))).failedWith(Errno.EPERM);
        assertThat(run(strict().keepCapabilities(NET_RAW), call("socket", 2, 3, 1))).exited(0);
    }

    @Test
    void theFilterStillClosesItsCalls() {
        Command mount = call("mount", "s:none", "s:/tmp", "s:tmpfs", 0, 0);
        Sandbox.Builder builder = strict().keepCapabilities(SYS_ADMIN, NET_RAW);
        assertThat(run(builder, mount)).failedWith(Errno.EPERM);
        // AF_PACKET.
        assertThat(run(builder, call("socket", 17, 3, 0))).failedWith(Errno.EAFNOSUPPORT);
        builder.syscalls(SyscallPolicy.unfiltered());
        assertThat(run(builder, mount)).exited(0);
        assertThat(run(builder, call("socket", 17, 3, 0))).exited(0);
        assertThat(run(strict().syscalls(SyscallPolicy.unfiltered()), mount))
                .failedWith(Errno.EPERM);
    }

    @Test
    void theNameCanBeChangedInsideAlone() {
        String before = Host.read("/proc/sys/kernel/hostname");
        Command rename = call("sethostname", "s:x", 1);
        // The standard profile closes it, with the capability too.
        assertThat(run(strict().keepCapabilities(SYS_ADMIN), rename)).failedWith(Errno.EPERM);
        SyscallPolicy open = SyscallPolicy.standard().allow(Syscall.SETHOSTNAME);
        assertThat(run(strict().syscalls(open), rename)).failedWith(Errno.EPERM);
        Sandbox.Builder builder = strict().syscalls(open).keepCapabilities(SYS_ADMIN);
        assertThat(run(builder, rename)).exited(0);
        assertThat(run(builder.hostUts(), rename)).failedWith(Errno.EPERM);
        assertThat(Host.read("/proc/sys/kernel/hostname")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void aSetuidFileGivesNothing(int uid, @TempDir Path directory) throws IOException {
        Path program = directory.resolve("setuid");
        Files.copy(Path.of("/bin/cat"), program);
        Files.setAttribute(program, "unix:mode", 06755);
        Sandbox.Builder builder =
                strict().user(uid, uid).keepCapabilities(NET_RAW).readOnly(directory, "/work");
        hasExactly(printed(builder, "/work/setuid " + STATUS), NET_RAW);
    }

    @Test
    void securebitsAreSetInEverySandboxAndLocked() {
        String set = "ok " + SECUREBITS + "\n";
        assertThat(run(strict(), call("prctl", 27))).exited(0).printed(set);
        assertThat(run(strict().user(0, 0), call("prctl", 27))).exited(0).printed(set);
        Sandbox.Builder keeping = strict().keepCapabilities(SETPCAP, NET_RAW);
        assertThat(run(keeping, call("prctl", 27))).exited(0).printed(set);
        assertThat(run(keeping, call("prctl", 28, SECUREBITS))).exited(0);
        for (int bit = 0; bit < 8; bit++) {
            assertThat(run(keeping, call("prctl", 28, SECUREBITS ^ 1 << bit)))
                    .failedWith(Errno.EPERM);
        }
        assertThat(run(strict(), call("prctl", 28, SECUREBITS))).failedWith(Errno.EPERM);
    }

    @Test
    void nothingCanBeRaisedAgain() {
        Sandbox.Builder keeping = strict().keepCapabilities(SETPCAP, NET_RAW);
        // PR_CAP_AMBIENT_IS_SET, PR_CAP_AMBIENT_RAISE.
        assertThat(run(keeping, call("prctl", 47, 1, NET_RAW.number()))).printed("ok 1\n");
        assertThat(run(keeping, call("prctl", 47, 1, CHOWN.number()))).printed("ok 0\n");
        assertThat(run(keeping, call("prctl", 47, 2, NET_RAW.number()))).failedWith(Errno.EPERM);
    }

    @Test
    void theFirstProcessIsOutOfReachEvenOfWhoMayTraceAndKill() {
        Sandbox.Builder keeping =
                strict().keepCapabilities(SYS_PTRACE, KILL, SYS_ADMIN, DAC_OVERRIDE)
                        .syscalls(SyscallPolicy.unfiltered());
        assertThat(run(keeping, victim("attach", "1"))).failedWith(Errno.EPERM);
        assertThat(run(keeping, victim("attachchild"))).exited(0);
        assertThat(run(keeping, victim("getfd", "1", "3"))).failedWith(Errno.EPERM);
        assertThat(run(keeping, victim("vmread", "1"))).failedWith(Errno.EPERM);
        assertThat(Runs.shell(keeping, "/victim signals 1; sleep 0.1; test -d /proc/1")).exited(0);
    }

    @Test
    void whoBreaksOutOfTheRootFindsNothing() {
        Sandbox.Builder open = strict().syscalls(SyscallPolicy.unfiltered());
        assertThat(run(open, victim("breakout"))).failedWith(Errno.EPERM);
        // Whoever may mount is in no domain over files, which would hide what is to be seen here.
        open.keepCapabilities(SYS_CHROOT, SYS_ADMIN);
        assertThat(run(open, victim("breakout")))
                .failedWith(Errno.EROFS)
                .printed("r\ncreate: Read-only file system\n");
    }

    @Test
    void nothingThereCanBeReadWhereTheKernelHasLandlock() {
        Host.needsLandlock(2);
        Sandbox.Builder open =
                strict().syscalls(SyscallPolicy.unfiltered()).keepCapabilities(SYS_CHROOT);
        assertThat(run(open, victim("breakout")))
                .failedWith(Errno.EACCES)
                .printed(".: Permission denied\n");
    }

    @Test
    void theResultTellsWhatWasKept() {
        List<Enforcement> enforced = run(strict().keepCapabilities(KILL, CHOWN), "true").enforced();
        assertThat(enforced)
                .filteredOn(e -> e.item().equals("capabilities"))
                .singleElement()
                .satisfies(e -> assertThat(e.value()).isEqualTo("CAP_CHOWN, CAP_KILL"));
    }
}
