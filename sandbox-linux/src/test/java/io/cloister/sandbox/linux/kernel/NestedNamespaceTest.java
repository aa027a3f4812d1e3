package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Each of the three locks on nested user namespaces holds by itself, and without any of them the
/// door is open: the filter, the count of the sandbox's user namespace, and the chroot.
///
/// The count is lifted by who has CAP_SYS_RESOURCE there and may write to /proc/sys, the filter by
/// the policy; the chroot is there with a mount namespace of its own alone.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NestedNamespaceTest {

    private static final String UNSHARE = "sys unshare 0x10000000";
    private static final String CLONE = "clone 0x10000000";
    private static final String CLONE3 = "clone3 0x10000000";

    /// The host's tree, in which nothing is in a chroot.
    private static Sandbox.Builder withoutChroot() {
        return Sandbox.builder().hostMount();
    }

    private static SandboxResult nest(Sandbox.Builder builder, String act) {
        List<String> words = new ArrayList<>();
        boolean hosts = !builder.spec().newNamespaces().contains(Namespace.MOUNT);
        words.add(hosts ? Victims.path().toString() : Victims.PROGRAM);
        words.addAll(List.of(act.split(" ")));
        return run(builder, Command.of(words));
    }

    /// Lifts the count first.
    private static SandboxResult nestUncounted(Sandbox.Builder builder, String act) {
        return nest(builder.keepCapabilities(Capability.SYS_RESOURCE), "uncounted " + act);
    }

    private static Sandbox.Builder withWritableSettings(Sandbox.Builder builder) {
        ProcFilesystem standard = ProcFilesystem.standard();
        return builder.proc(new ProcFilesystem(standard.view(), standard.masked(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void withoutAnyLockOneCanBeMade(String act) {
        Host.needsWritableSettings();
        Sandbox.Builder builder = withoutChroot().syscalls(SyscallPolicy.unfiltered());
        assertThat(nestUncounted(builder, act)).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void theFilterAloneForbidsIt(String act) {
        Host.needsWritableSettings();
        // Programs go on with clone where there is no clone3.
        Errno errno = act.equals(CLONE3) ? Errno.ENOSYS : Errno.EPERM;
        assertThat(nestUncounted(withoutChroot(), act)).failedWith(errno);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void theCountAloneForbidsIt(String act) {
        Sandbox.Builder builder = withoutChroot().syscalls(SyscallPolicy.unfiltered());
        assertThat(nest(builder, act)).failedWith(Errno.ENOSPC);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void theChrootAloneForbidsIt(String act) {
        Sandbox.Builder builder =
                withWritableSettings(strict()).syscalls(SyscallPolicy.unfiltered());
        assertThat(nestUncounted(builder, act)).failedWith(Errno.EPERM);
    }

    @Test
    void aSandboxFromAPreparedBaseIsInTheSameChroot() throws IOException {
        // Without binds, which would keep an ordinary JVM from preparing the base.
        Command command = Command.of("/bin/sh", "-c", "echo; exec sleep 600");
        try (Sandbox sandbox = Sandbox.builder().build()) {
            for (int i = 0; i < 4; i++) {
                SandboxProcess process = sandbox.start(command);
                try (BufferedReader reader = process.inputReader()) {
                    reader.readLine();
                }
                String victim = Victims.path().toString();
                String pid = String.valueOf(process.pid());
                // The root of its mount namespace, which is not the root that it sees.
                org.assertj.core.api.Assertions.assertThat(
                                Host.output(List.of(victim, "enter", pid)))
                        .isEqualTo("r\n");
                org.assertj.core.api.Assertions.assertThat(
                                Host.output(List.of("ls", "/proc/" + pid + "/root")))
                        .contains("usr\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void theChrootAloneForbidsItInADirectoryOfTheHostToo(String act, @TempDir Path root)
            throws IOException {
        for (String name : List.of("dev", "proc", "tmp")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.copy(Victims.path(), root.resolve("victim"));
        Sandbox.Builder builder =
                withWritableSettings(Sandbox.builder().root(root))
                        .syscalls(SyscallPolicy.unfiltered());
        assertThat(nestUncounted(builder, act)).failedWith(Errno.EPERM);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void onTheHostsUserNamespaceTheChrootForbidsIt(String act) {
        Host.needsRoot();
        Sandbox.Builder builder = strict().hostUser().syscalls(SyscallPolicy.unfiltered());
        assertThat(nest(builder, act)).failedWith(Errno.EPERM);
        Sandbox.Builder shared = withoutChroot().hostUser().syscalls(SyscallPolicy.unfiltered());
        assertThat(nest(shared, act)).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {UNSHARE, CLONE, CLONE3})
    void inAStrictSandboxAllOfThemHold(String act) {
        Errno errno = act.equals(CLONE3) ? Errno.ENOSYS : Errno.EPERM;
        assertThat(nest(strict(), act)).failedWith(errno);
        assertThat(nest(strict().user(0, 0), act)).failedWith(errno);
    }
}
