package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.ProcFilesystem;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What `/proc` and `/dev` show and allow.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/kcore",
                "/proc/keys",
                "/proc/timer_list",
                "/proc/interrupts",
                "/proc/kmsg",
                "/proc/slabinfo",
                "/proc/vmallocinfo",
                "/proc/modules",
                "/proc/config.gz",
                "/proc/kpagecount",
                "/proc/key-users",
                "/proc/latency_stats",
                "/proc/sched_debug"
            })
    void aMaskedFileTellsNothing(String path) {
        Assumptions.assumeTrue(Files.exists(Path.of(path)), "the kernel has no " + path);
        for (int uid : new int[] {0, 1000}) {
            assertThat(shell(strict().user(uid, uid), "cat " + path).stdout()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/acpi", "/proc/scsi", "/proc/asound"})
    void aMaskedDirectoryIsEmpty(String path) {
        Assumptions.assumeTrue(Files.exists(Path.of(path)), "the kernel has no " + path);
        assertThat(shell(strict(), "ls -A " + path).stdout()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/cpuinfo", "/proc/meminfo", "/proc/self/maps", "/proc/uptime"})
    void anotherFileTellsSomething(String path) {
        assertThat(run(strict(), victim("read", path))).exited(0).printed("1\n");
    }

    @Test
    void aFileHiddenByThePolicyTellsNothing() {
        var builder = strict().hideProc("/proc/cpuinfo");
        assertThat(run(builder, victim("read", "/proc/cpuinfo"))).exited(0).printed("0\n");
    }

    @Test
    void aFileDeepInProcIsHiddenByThePolicy() {
        var builder = strict().hideProc("/proc/sys/kernel/osrelease");
        assertThat(shell(builder, "cat /proc/sys/kernel/osrelease").stdout()).isEmpty();
    }

    @Test
    void aFileDeepInProcIsReadOnlyByThePolicy() {
        String path = "/proc/sys/kernel/domainname";
        ProcFilesystem only =
                new ProcFilesystem(ProcFilesystem.View.FULL, List.of(), List.of(path));
        String mounts = "cut -d' ' -f5,6 /proc/self/mountinfo";
        assertThat(printed(strict().proc(only), mounts)).contains("\n" + path + " ro,");
        assertThat(printed(strict(), mounts)).contains("\n/proc/sys ro,").doesNotContain(path);
    }

    @Test
    void hidingHoldsForTheHostsProcessesToo() {
        var builder = strict().hostPid().hideProc("/proc/cpuinfo");
        assertThat(shell(builder, "cat /proc/cpuinfo").stdout()).isEmpty();
    }

    @Test
    void theHostsProcessesAloneAreRefused() {
        ProcFilesystem processes =
                ProcFilesystem.standard().view(ProcFilesystem.View.PROCESSES_ONLY);
        assertThatThrownBy(() -> run(strict().hostPid().proc(processes), "/bin/true"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hostPid()");
        assertThat(run(strict().hostPid(), victim("open", "/proc/uptime"))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern",
                "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward",
                "/proc/sys/user/max_user_namespaces", "/proc/sysrq-trigger"
            })
    void settingsOfTheKernelCannotBeWritten(String path) {
        Assumptions.assumeTrue(Files.exists(Path.of(path)), "the kernel has no " + path);
        for (int uid : new int[] {0, 1000}) {
            var outcome = run(strict().user(uid, uid), victim("open", path, "w")).outcome();
            assertThat(outcome.toString())
                    .isIn("Exited[code=30]", "Exited[code=13]", "Exited[code=2]");
        }
    }

    @Test
    void ownSettingsCanBeWritten() {
        assertThat(shell(strict(), "echo 900 > /proc/self/oom_score_adj")).exited(0);
        assertThat(printed(strict(), "printf me > /proc/$$/comm; cat /proc/$$/comm"))
                .isEqualTo("me\n");
    }

    @Test
    void onlyProcessesAreShownIfThePolicySaysSo() {
        ProcFilesystem processes =
                ProcFilesystem.standard().view(ProcFilesystem.View.PROCESSES_ONLY);
        assertThat(run(strict().proc(processes), victim("open", "/proc/self/status"))).exited(0);
        assertThat(run(strict().proc(processes), victim("open", "/proc/cpuinfo")))
                .failedWith(Errno.ENOENT);
        assertThat(run(strict().proc(processes), victim("open", "/proc/sys")))
                .failedWith(Errno.ENOENT);
    }

    @Test
    void thereIsNoProcIfThePolicySaysSo() {
        ProcFilesystem absent = ProcFilesystem.standard().view(ProcFilesystem.View.ABSENT);
        Sandbox.Builder builder = strict().proc(absent);
        assertThat(run(builder, victim("open", "/proc/self"))).failedWith(Errno.ENOENT);
        assertThat(run(strict(), victim("open", "/proc/self"))).exited(0);
    }

    @Test
    void devHasExactlyTheHarmlessDevices() {
        assertThat(printed(strict(), "ls -A /dev | sort").lines())
                .containsExactlyInAnyOrder(
                        "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr",
                        "stdin", "stdout", "tty", "urandom", "zero");
    }

    @Test
    void devicesWork() {
        assertThat(run(strict(), victim("write", "/dev/null", "x"))).exited(0);
        assertThat(run(strict(), victim("write", "/dev/full", "x"))).failedWith(Errno.ENOSPC);
        assertThat(run(strict(), victim("read", "/dev/zero"))).exited(0).printed("1\n");
        assertThat(run(strict(), victim("read", "/dev/urandom"))).exited(0).printed("1\n");
    }

    @Test
    void theDeviceFilesThemselvesCannotBeChanged() {
        for (int uid : new int[] {0, 1000}) {
            var builder = strict().user(uid, uid);
            assertThat(shell(builder, "chmod 600 /dev/null").outcome().isSuccess()).isFalse();
            assertThat(shell(builder, "rm -f /dev/null").outcome().isSuccess()).isFalse();
            assertThat(shell(builder, "touch -d @0 /dev/null").outcome().isSuccess()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/tty0", "/dev/console", "/dev/ptmx", "/dev/mem", "/dev/kmsg"})
    void otherDevicesAreNotThere(String path) {
        assertThat(run(strict(), victim("open", path))).failedWith(Errno.ENOENT);
    }

    @Test
    void sharedMemoryFilesAreItsOwn() throws java.io.IOException {
        Path shm = Path.of("/dev/shm");
        Assumptions.assumeTrue(Files.isWritable(shm), "the host has no writable /dev/shm");
        Path file = Files.createFile(shm.resolve(Host.token()));
        try {
            assertThat(run(strict(), victim("open", file.toString()))).failedWith(Errno.ENOENT);
            assertThat(run(strict().readOnly(shm), victim("open", file.toString()))).exited(0);
        } finally {
            Files.delete(file);
        }
    }
}
