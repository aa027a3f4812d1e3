package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// Limits of one command of a session that a control group keeps: one of its own, below that of the
/// session.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionLimitsTest {

    private static final UnaryOperator<ResourceLimits> LITTLE_MEMORY =
            limits -> limits.memory(Bytes.mebibytes(32));

    private static Sandbox.Builder policy() {
        return hogs().memoryLimit(Bytes.mebibytes(256)).pidsLimit(100);
    }

    /// The limits of all commands are not in the way.
    private static void assertAlive(SandboxSession session) throws InterruptedException {
        assertThat(session.isOpen()).isTrue();
        assertThat(session.run(hog("heap 100"))).exited(0);
    }

    @Test
    void aMemoryHogEndsAndTheSessionGoesOn() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess other = session.start(Command.of("sleep", "100"));
            for (int i = 0; i < 3; i++) {
                SandboxResult result = session.run(hog("heap 100"), LITTLE_MEMORY);
                assertThat(result).reached(Limit.MEMORY);
                assertThat(result.evidence().toString()).contains("memory.");
                assertAlive(session);
            }
            assertThat(other.isAlive()).isTrue();
            other.cancel();
        }
    }

    @Test
    void memoryIsThatOfAllItsProcessesTogether() throws Exception {
        Cgroups.assume("memory");
        String each =
                "import os, time\n"
                        + "for i in range(3):\n"
                        + "    if os.fork() == 0:\n"
                        + "        b = bytearray(12 << 20)\n"
                        + "        time.sleep(100)\n"
                        + "time.sleep(%s)\n";
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            Command three = Command.of("/usr/bin/python3", "-c", each.formatted("100"));
            assertThat(session.run(three, LITTLE_MEMORY)).reached(Limit.MEMORY);
            Command enough = Command.of("/usr/bin/python3", "-c", each.formatted("0.5"));
            assertThat(session.run(enough, limits -> limits.memory(Bytes.mebibytes(128))))
                    .exited(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"forkbomb", "threadbomb", "forks 40 , stay"})
    void aBombEndsAndTheSessionGoesOn(String acts) throws Exception {
        Cgroups.assume("pids");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(hog(acts), limits -> limits.pids(20))).reached(Limit.PIDS);
            assertThat(session.run(hog("forks 10"), limits -> limits.pids(20))).exited(0);
            assertThat(session.run(hog("forks 40"))).exited(0);
            assertThat(session.isOpen()).isTrue();
        }
    }

    @Test
    void exactlyItsLimitOfProcessesIsAllowed() throws Exception {
        Cgroups.assume("pids");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(hog("forks 19"), limits -> limits.pids(20))).exited(0);
            assertThat(session.run(hog("forks 20"), limits -> limits.pids(20))).reached(Limit.PIDS);
        }
    }

    @Test
    void aShareOfProcessorsIsForOneCommand() throws Exception {
        Cgroups.assume("cpu", "cpuacct");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            SandboxResult slow = session.run(hog("burn 300"), limits -> limits.cpus(0.2));
            assertThat(slow).exited(0);
            // 300 ms at a fifth of a processor take 1.5 s, less what one period may be ahead.
            assertThat(slow.usage().wallTime()).isGreaterThan(Duration.ofMillis(1100));
            assertThat(slow.usage().throttling()).isPresent();
            SandboxResult fast = session.run(hog("burn 300"));
            assertThat(fast.usage().throttling()).isEmpty();
        }
    }

    @Test
    void itsUsageIsThatOfItsGroupAlone() throws Exception {
        Cgroups.assume("memory");
        Cgroups.assume("cpuacct");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(hog("heap 120 , burn 1500"))).exited(0);
            SandboxResult own =
                    session.run(hog("heap 20 , burn 100"), l -> l.memory(Bytes.mebibytes(64)));
            assertThat(own.usage().peakMemory().orElseThrow().value())
                    .isBetween(20L << 20, 60L << 20);
            assertThat(own.usage().cpuTime().orElseThrow())
                    .isBetween(Duration.ofMillis(90), Duration.ofMillis(1400));
            assertThat(own.usage().processesPeak()).isPresent();
        }
    }

    @Test
    void theLimitOfAllStillHoldsAndEndsTheSession() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().memoryLimit(Bytes.mebibytes(64)).build();
                SandboxSession session = sandbox.open()) {
            SandboxResult result =
                    session.run(hog("heap 200"), limits -> limits.memory(Bytes.mebibytes(1024)));
            assertThat(result).reached(Limit.MEMORY);
            assertThat(session.onEnd().get(10, TimeUnit.SECONDS)).reached(Limit.MEMORY);
        }
    }

    @Test
    void whoFillsAFileSystemOfTheSessionIsToldSo() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().scratchSize(Bytes.mebibytes(8)).build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess other = session.start(Command.of("sleep", "100"));
            assertThat(session.run(hog("fill 4000000 /tmp/x stay"), LITTLE_MEMORY)).exited(0);
            assertThat(session.run(hog("fill 16000000 /tmp/x stay"), LITTLE_MEMORY))
                    .reached(Limit.DISK);
            assertThat(session.onEnd().get(10, TimeUnit.SECONDS)).reached(Limit.DISK);
            assertThat(other.waitForResult()).reached(Limit.DISK);
        }
    }

    @Test
    void twoAtOnceHaveLimitsOfTheirOwn() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess large =
                    session.start(
                            hog("heap 80 , say taken , line"),
                            limits -> limits.memory(Bytes.mebibytes(128)));
            assertThat(session.run(hog("heap 80"), LITTLE_MEMORY)).reached(Limit.MEMORY);
            assertThat(large.isAlive()).isTrue();
            Hogs.nextLine(large);
            assertThat(large.waitForResult()).exited(0);
        }
    }

    /// In version 2 all that runs in the session has to move before the first group is made.
    @Test
    void theFirstGroupIsMadeAlsoWhileOthersFork() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            List<SandboxProcess> forking = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                forking.add(
                        session.start(Command.of("/bin/sh", "-c", "while :; do /bin/true; done")));
            }
            assertThat(session.run(hog("heap 100"), LITTLE_MEMORY)).reached(Limit.MEMORY);
            assertThat(session.run(hog("heap 10"), LITTLE_MEMORY)).exited(0);
            for (SandboxProcess process : forking) {
                assertThat(process.isAlive()).isTrue();
                process.signal(Signal.TERM);
                assertThat(process.waitForResult()).signalled(Signal.TERM);
            }
            assertAlive(session);
        }
    }

    @Test
    void itMayBePausedAndItsLimitsChanged() throws Exception {
        Cgroups.assume("memory");
        Cgroups.assume("freezer");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess process =
                    session.start(
                            hog("line , heap 80"), limits -> limits.memory(Bytes.mebibytes(32)));
            process.pause();
            assertThat(session.run(hog("heap 10"))).exited(0);
            process.resume();
            process.changeLimits(limits -> limits.memory(Bytes.mebibytes(128)));
            Hogs.nextLine(process);
            assertThat(process.waitForResult()).exited(0);
            // One without a group of its own cannot stop alone.
            SandboxProcess plain = session.start(Command.of("sleep", "100"));
            assertThatExceptionOfType(SandboxUnavailableException.class)
                    .isThrownBy(plain::pause)
                    .withMessageContaining("of its own");
            plain.cancel();
        }
    }

    @Test
    void nothingOfItsGroupIsLeft() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(hog("heap 1"))).exited(0);
            assertThat(groupsOfCommands()).isEmpty();
            SandboxProcess process = session.start(hog("line"), LITTLE_MEMORY);
            assertThat(groupsOfCommands()).isNotEmpty();
            Hogs.nextLine(process);
            assertThat(process.waitForResult()).exited(0);
            assertThat(session.run(hog("heap 100"), LITTLE_MEMORY)).reached(Limit.MEMORY);
            Host.await("the groups of commands to be removed", () -> groupsOfCommands().isEmpty());
            assertAlive(session);
        }
    }

    private static List<Path> groupsOfCommands() {
        return Cgroups.ofJvm(ProcessHandle.current().pid()).stream()
                .filter(group -> group.getFileName().toString().matches("c\\d+"))
                .toList();
    }

    @Test
    void aCommandWithoutSuchLimitsHasNoGroupOfItsOwn() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess plain = session.start(Command.of("sleep", "100"));
            SandboxProcess timed =
                    session.start(
                            Command.of("sleep", "100"),
                            limits -> limits.cpuTime(Duration.ofSeconds(9)));
            SandboxProcess grouped = session.start(Command.of("sleep", "100"), LITTLE_MEMORY);
            Path shared = Cgroups.directory(plain.pid(), "memory");
            assertThat(Cgroups.directory(timed.pid(), "memory")).isEqualTo(shared);
            assertThat(Cgroups.directory(grouped.pid(), "memory")).isNotEqualTo(shared);
            for (SandboxProcess process : List.of(plain, timed, grouped)) {
                process.cancel();
            }
        }
    }

    @Test
    void whatHoldsIsToldForTheCommandAndForTheSession() throws Exception {
        Cgroups.assume("memory", "pids");
        try (Sandbox sandbox = policy().build();
                SandboxSession session = sandbox.open()) {
            Map<String, Enforcement> plain = enforced(session.run(hog("heap 1")));
            assertThat(plain.get("session memory").value()).isEqualTo("256m");
            assertThat(plain.get("session memory").means()).contains("cgroup");
            assertThat(plain.get("session pids").value()).isEqualTo("100");
            assertThat(plain).doesNotContainKeys("memory", "pids", "session wallTime");
            assertThat(plain).containsKeys("wallTime", "output", "net");
            Map<String, Enforcement> own = enforced(session.run(hog("heap 1"), LITTLE_MEMORY));
            assertThat(own.get("memory").value()).isEqualTo("32m");
            assertThat(own.get("memory").means()).contains("cgroup");
            assertThat(own.get("session memory").value()).isEqualTo("256m");
        }
    }

    private static Map<String, Enforcement> enforced(SandboxResult result) {
        return result.enforced().stream().collect(Collectors.toMap(Enforcement::item, e -> e));
    }

    @Test
    void whereThereAreNoGroupsThePolicySaysWhetherThatIsEnough() throws Exception {
        Cgroups.assumeWithout("memory");
        try (Sandbox sandbox = hogs().build();
                SandboxSession session = sandbox.open()) {
            assertThatExceptionOfType(SandboxUnavailableException.class)
                    .isThrownBy(() -> session.run(hog("heap 1"), LITTLE_MEMORY))
                    .withMessageContaining("memory 32m");
            UnaryOperator<ResourceLimits> watched =
                    limits -> LITTLE_MEMORY.apply(limits).bestEffort(LimitItem.MEMORY);
            assertThat(session.run(hog("heap 200 , nap 5000"), watched)).reached(Limit.MEMORY);
            assertThat(session.run(hog("heap 1"), watched)).exited(0);
        }
    }
}
