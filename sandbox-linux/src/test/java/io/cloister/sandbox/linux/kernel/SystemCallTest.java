package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.CpuArchitecture;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.TimeUnit;

/// The calls that the filter closes, tried for real, each for uid 0 and for another user inside.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SystemCallTest {

    private static void failsWith(Errno errno, io.cloister.sandbox.Command command) {
        assertThat(run(strict(), command)).failedWith(errno);
        assertThat(run(strict().user(0, 0), command)).failedWith(errno);
    }

    @ParameterizedTest
    @CsvSource({
        "mount, EPERM",
        "umount2, EPERM",
        "pivot_root, EPERM",
        "chroot, EPERM",
        "setns, EPERM",
        "bpf, EPERM",
        "perf_event_open, EPERM",
        "userfaultfd, EPERM",
        "kexec_load, EPERM",
        "init_module, EPERM",
        "finit_module, EPERM",
        "delete_module, EPERM",
        "reboot, EPERM",
        "swapon, EPERM",
        "swapoff, EPERM",
        "syslog, EPERM",
        "acct, EPERM",
        "quotactl, EPERM",
        "open_by_handle_at, EPERM",
        "name_to_handle_at, EPERM",
        "fsopen, EPERM",
        "fsmount, EPERM",
        "fsconfig, EPERM",
        "open_tree, EPERM",
        "move_mount, EPERM",
        "mount_setattr, EPERM",
        "fanotify_init, EPERM",
        "settimeofday, EPERM",
        "clock_settime, EPERM",
        "adjtimex, EPERM",
        "kcmp, EPERM",
        "vhangup, EPERM",
        "keyctl, ENOSYS",
        "add_key, ENOSYS",
        "request_key, ENOSYS",
        "io_uring_setup, ENOSYS",
        "io_uring_enter, ENOSYS",
        "io_uring_register, ENOSYS",
        "clone3, ENOSYS",
        "memfd_secret, ENOSYS",
        "mbind, ENOSYS",
        "statmount, ENOSYS",
        "listmount, ENOSYS",
        "4000, ENOSYS"
    })
    void aClosedCallFails(String name, Errno errno) {
        failsWith(errno, call(name, 0, 0, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"getpid", "gettid", "getuid"})
    void anOpenCallSucceeds(String name) {
        assertThat(run(strict(), call(name))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x10000000",
                "0x20000",
                "0x20000000",
                "0x40000000",
                "0x8000000",
                "0x4000000",
                "0x2000000"
            })
    void aNestedNamespaceCannotBeMade(String flag) {
        failsWith(Errno.EPERM, call("unshare", flag));
        failsWith(Errno.EPERM, victim("clone", flag));
        // The kernel takes the low 32 bits of clone's flags alone.
        String high = Long.toHexString(0x1_0000_0000L | Long.decode(flag));
        failsWith(Errno.EPERM, victim("clone", "0x" + high));
    }

    @Test
    void aTimeNamespaceCannotBeMade() {
        failsWith(Errno.EPERM, call("unshare", "0x80"));
    }

    @Test
    void processesAndThreadsCanBeMade() {
        assertThat(run(strict(), victim("clone", "0"))).exited(0);
        assertThat(run(strict(), victim("thread"))).exited(0);
    }

    @ParameterizedTest
    @CsvSource({
        "40, 1, 0, EAFNOSUPPORT", "38, 5, 0, EAFNOSUPPORT", "17, 3, 0, EAFNOSUPPORT",
        "44, 3, 0, EAFNOSUPPORT", "2, 10, 0, EAFNOSUPPORT", "31, 3, 0, EAFNOSUPPORT",
        "16, 3, 12, EPROTONOSUPPORT", "16, 3, 15, EPROTONOSUPPORT", "30, 5, 0, EAFNOSUPPORT"
    })
    void aSocketThatReachesOutOfTheSandboxCannotBeMade(
            int family, int type, int protocol, Errno errno) {
        failsWith(errno, call("socket", family, type, protocol));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "2, 1, 0", "2, 2, 0", "10, 1, 0", "16, 3, 0"})
    void anotherSocketCanBeMade(int family, int type, int protocol) {
        assertThat(run(strict(), call("socket", family, type, protocol))).exited(0);
    }

    @Test
    void rawSocketsNeedWhatNobodyHas() {
        failsWith(Errno.EPERM, call("socket", 2, 3, 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x5412",
                "0x100005412",
                "0xffffffff00005412",
                "0x541c",
                "0x800000000000541c"
            })
    void nothingCanBeTypedIntoATerminal(String request) {
        failsWith(Errno.EPERM, call("ioctl", 0, request, "s:x"));
    }

    @Test
    void otherControlsAreOpen() {
        // TCGETS of /dev/null: not a terminal, but the call is made.
        assertThat(run(strict(), call("ioctl", 0, "0x5401", "z:100"))).failedWith(Errno.ENOTTY);
        // FIONREAD of a pipe.
        assertThat(run(strict(), call("ioctl", 1, "0x541b", "z:8"))).exited(0);
    }

    @Test
    void oldBehaviourCannotBeTurnedOn() {
        failsWith(Errno.EPERM, call("personality", "0x0400000"));
        assertThat(run(strict(), call("personality", "0xffffffff"))).exited(0);
        assertThat(run(strict(), call("personality", "0x0040000"))).exited(0);
    }

    @Test
    void aCallOfTheI386KindEndsTheCommand() {
        Assumptions.assumeTrue(
                Kernel.cpu() == CpuArchitecture.X86_64, "int 0x80 is for x86-64 only");
        Assumptions.assumeFalse(
                Host.isUserModeLinux(), "User Mode Linux takes int 0x80 for a native call");
        assertThat(run(strict(), victim("int80"))).violatedThePolicy();
    }

    @Test
    void aCallOfTheX32KindEndsTheCommand() {
        Assumptions.assumeTrue(Kernel.cpu() == CpuArchitecture.X86_64, "x32 is for x86-64 only");
        assertThat(run(strict(), victim("x32"))).violatedThePolicy();
        assertThat(run(strict(), call("getpid"))).exited(0);
    }

    @Test
    void theFilterCannotBeTakenOff() {
        // PR_SET_SECCOMP to mode 0 and PR_SET_NO_NEW_PRIVS to 0.
        failsWith(Errno.EINVAL, call("prctl", 22, 0, 0, 0, 0));
        failsWith(Errno.EINVAL, call("prctl", 38, 0, 0, 0, 0));
        assertThat(run(strict(), call("prctl", 38, 1, 0, 0, 0))).exited(0);
    }

    @Test
    void theFilterIsInherited() {
        assertThat(Runs.shell(strict(), "/bin/sh -c '/victim sys mount 0 0 0 0 0'"))
                .failedWith(Errno.EPERM);
    }
}
