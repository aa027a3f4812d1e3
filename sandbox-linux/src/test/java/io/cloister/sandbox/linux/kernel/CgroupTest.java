package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// The control groups of a run, from inside and from outside.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CgroupTest {

    private static final long SELF = ProcessHandle.current().pid();

    @BeforeEach
    void needsAController() {
        Cgroups.assumeAny();
    }

    @Test
    void insideItsOwnGroupIsTheRoot() {
        String groups = printed(hogs(), "cat /proc/self/cgroup");
        assertThat(groups.lines()).isNotEmpty();
        String version2 = groups.lines().filter(l -> l.startsWith("0::")).findFirst().orElse("");
        assertThat(version2).isIn("", "0::/");
        if (Cgroups.isVersion1("memory")) {
            assertThat(groups.lines()).anyMatch(line -> line.matches("\\d+:memory:/"));
        } else {
            assertThat(groups).isEqualTo("0::/\n");
        }
    }

    @Test
    void outsideItIsBelowThatOfTheJvm() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("stay"));
            for (String controller : List.of("memory", "pids")) {
                if (Cgroups.isAvailable(controller)) {
                    assertThat(Cgroups.directory(process.pid(), controller).toString())
                            .contains("/cloister-")
                            .contains("-" + SELF + "-");
                }
            }
        }
    }

    @Test
    void insideNoGroupCanBeSeenOrChanged() {
        String types = printed(hogs(), "sed 's/.* - //' /proc/self/mountinfo");
        assertThat(types.lines()).noneMatch(type -> type.startsWith("cgroup"));
        assertThat(shell(hogs(), "ls /sys/fs/cgroup")).exited(2);
        assertThat(shell(hogs(), "ls /proc")).exited(0);
    }

    @Test
    void theGroupsOfRunsAreGoneAfterThem() throws Exception {
        Cgroups.assume("memory", "pids");
        Sandbox.Builder builder = hogs().memoryLimit(Bytes.mebibytes(24)).pidsLimit(20);
        try (Sandbox sandbox = builder.build()) {
            everyKind(sandbox);
            int before = Cgroups.ofJvm(SELF).size();
            assertThat(before).isPositive();
            for (int i = 0; i < 8; i++) {
                everyKind(sandbox);
            }
            // Forty runs: other launchers may have been made ready, but no more than a few.
            Host.await("groups removed", () -> Cgroups.ofJvm(SELF).size() < before + 20);
        }
    }

    /// Five runs, each with another end.
    private static void everyKind(Sandbox sandbox) throws InterruptedException {
        sandbox.run(hog("burn 1"));
        sandbox.run(hog("heap 64"));
        sandbox.run(hog("forkbomb"));
        sandbox.run(hog("daemon 5"));
        SandboxProcess cancelled = sandbox.start(hog("forks 5 , stay"));
        cancelled.cancel();
    }

    @Test
    void noProcessIsLeftInAGroupOfARun() throws Exception {
        Cgroups.assume("memory");
        String token = Host.token();
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("say up , forks 5 , stay " + token));
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
        }
    }

    @Test
    void theGroupsOfAJvmAreGoneWithIt() {
        assertThat(Runs.run(hogs(), hog("burn 1"))).exited(0);
        String said = Host.output(Host.java(LimitedRuns.class, Hogs.path().toString(), "once"));
        long pid = Long.parseLong(said.strip());
        assertThat(Cgroups.ofJvm(pid)).isEmpty();
        assertThat(Cgroups.ofJvm(SELF)).isNotEmpty();
    }
}
