package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.TimeUnit;

/// Nothing inside can look into the first process of the sandbox, or end it.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessOneTest {

    @ParameterizedTest
    @ValueSource(strings = {"mem", "maps", "environ", "auxv", "io", "syscall", "stack", "pagemap"})
    void itsFilesCannotBeRead(String file) {
        for (int uid : new int[] {0, 1000}) {
            int code = exitCode(strict().user(uid, uid), "read", "/proc/1/" + file);
            assertThat(code).isIn(Errno.EACCES.number(), Errno.EPERM.number());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maps", "environ", "auxv"})
    void ownFilesOfTheSameNameCanBeRead(String file) {
        assertThat(run(strict(), victim("read", "/proc/self/" + file))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exe", "root", "cwd", "ns/user", "ns/mnt"})
    void itsLinksCannotBeFollowed(String link) {
        assertThat(Runs.shell(strict(), "readlink /proc/1/" + link)).exited(1);
        assertThat(Runs.shell(strict(), "readlink /proc/self/" + link)).exited(0);
    }

    @Test
    void itsDescriptorsCannotBeListed() {
        assertThat(Runs.shell(strict(), "ls /proc/1/fd")).exited(2);
        assertThat(Runs.shell(strict(), "ls /proc/1/map_files")).exited(2);
        assertThat(Runs.shell(strict(), "ls /proc/self/fd")).exited(0);
    }

    @Test
    void itCannotBeTraced() {
        assertThat(run(strict(), victim("attach", "1"))).failedWith(Errno.EPERM);
        assertThat(run(strict().user(0, 0), victim("attach", "1"))).failedWith(Errno.EPERM);
    }

    @Test
    void anOwnChildCanBeTraced() {
        assertThat(run(strict(), victim("attachchild"))).exited(0);
        assertThat(run(strict(), victim("traceme"))).exited(0);
    }

    @Test
    void itsDescriptorsCannotBeTaken() {
        assertThat(run(strict(), victim("getfd", "1", "3"))).failedWith(Errno.EPERM);
        // The kernel says so too, without the filter.
        Sandbox.Builder unfiltered = strict().syscalls(SyscallPolicy.unfiltered());
        assertThat(run(unfiltered, victim("getfd", "1", "3"))).failedWith(Errno.EPERM);
        assertThat(run(unfiltered, victim("getfd", "0", "1"))).exited(0);
    }

    @Test
    void itsMemoryCannotBeRead() {
        assertThat(run(strict(), victim("vmread", "1"))).failedWith(Errno.EPERM);
        assertThat(run(strict(), victim("vmread", "2"))).exited(0);
    }

    @Test
    void itIgnoresEverySignalFromInside() {
        String script = "/victim signals 1; sleep 0.1; echo alive; cat /proc/1/status";
        String text = printed(strict(), script);
        assertThat(text).startsWith("alive\n").contains("Pid:\t1\n");
    }

    @Test
    void anOwnChildDoesNotIgnoreThem() {
        String script = "/victim sleep & /victim sys kill $! 9; wait $!; test $? = 137";
        assertThat(Runs.shell(strict(), script)).exited(0);
    }

    @Test
    void onlyItAndOwnProcessesAreVisible() {
        String pids = printed(strict(), "cd /proc; echo [0-9]*");
        assertThat(pids.strip().split(" ")).containsExactly("1", "2");
    }

    private static int exitCode(io.cloister.sandbox.Sandbox.Builder builder, String... act) {
        var outcome = run(builder, victim(act)).outcome();
        assertThat(outcome).isInstanceOf(io.cloister.sandbox.Outcome.Exited.class);
        return ((io.cloister.sandbox.Outcome.Exited) outcome).code();
    }
}
