package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.confined;
import static io.cloister.sandbox.linux.kernel.Victims.onPath;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Ways out of the tier without namespaces.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfinedAttackTest {

    private static final int ALL = 9;

    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void aFileThatEveryoneMayChange() throws IOException {
        Host.needsLandlock(6);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        file = Files.writeString(directory.resolve("file"), "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void whatKeepsForkingIsDeadAfterTheRun() {
        String token = Host.token();
        assertThat(run(confined(), onPath("flee", "12", token))).exited(0);
        assertThat(Host.processesWith(token)).isEmpty();
    }

    @Test
    void whatAProgramDetachedDiesWithTheJvm() throws IOException, InterruptedException {
        String token = Host.token();
        Process jvm = new ProcessBuilder(Host.java(ConfinedMain.class, "detach", token)).start();
        assertThat(jvm.inputReader().readLine()).isEqualTo(token);
        assertThat(Host.processesWith(token)).hasSizeGreaterThan(2);
        jvm.destroyForcibly().waitFor();
        long killed = System.nanoTime();
        Host.await("the end of all", () -> Host.processesWith(token).isEmpty());
        // By itself it would end after a minute.
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(30));
        // The directory that it left is removed by the next JVM.
        assertThat(Host.output(Host.java(ConfinedMain.class, "confined"))).contains("exit 0");
    }

    @Test
    void aFileThatIsShownToBeReadIsNotChangedThroughItsDescriptor() throws IOException {
        Host.needsOrdinaryUser();
        String path = file.toString();
        assertThat(run(confined().readOnly(file), onPath("fchmod", path))).failedWith(Errno.EPERM);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(ALL);
        SyscallPolicy open =
                SyscallPolicy.standard()
                        .first(SyscallRule.of(Syscall.FCHMOD, SyscallAction.ALLOW, "trusted"));
        assertThat(run(confined().readOnly(file).syscalls(open), onPath("fchmod", path))).exited(0);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    }

    @Test
    void noProfileAndNoHandlerOpensWhatAnOwnerMayDo() throws IOException {
        Host.needsOrdinaryUser();
        String path = file.toString();
        for (SyscallPolicy policy :
                List.of(
                        SyscallPolicy.judge(),
                        SyscallPolicy.build(),
                        SyscallPolicy.unfiltered(),
                        SyscallPolicy.of(SyscallAction.ALLOW).allow(Syscall.CHMOD))) {
            assertThat(run(confined().syscalls(policy), onPath("chmod", path)))
                    .failedWith(Errno.EPERM);
        }
        Sandbox.Builder asking = confined().onSyscall(Syscall.CHMOD, call -> SyscallAnswer.allow());
        assertThat(run(asking, onPath("chmod", path))).failedWith(Errno.EPERM);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(ALL);
    }

    @Test
    void withoutAFilterOfTheCallersTheTiersOwnIsThere() {
        SyscallPolicy open = SyscallPolicy.unfiltered();
        assertThat(run(confined().syscalls(open), onPath("sys", "socket", "1", "1", "0")))
                .failedWith(Errno.EAFNOSUPPORT);
        assertThat(run(confined().syscalls(open), onPath("shm", "77", "create")))
                .failedWith(Errno.ENOSYS);
        assertThat(run(confined().syscalls(open), onPath("pair", "1"))).exited(0);
    }

    @Test
    void aNameOfTheHostCannotBeTakenByAPair() {
        String name = "@" + Host.token();
        assertThat(run(confined(), onPath("bindpair", name))).failedWith(Errno.EACCES);
        assertThat(Victims.onHost("bindpair", name)).isZero();
    }

    @Test
    void toAllowDevicesDoesNotMakeFilesWritable() throws IOException {
        String path = file.toString();
        Sandbox.Builder devices =
                confined().mount(Bind.readOnly(directory, directory.toString()).allowDevices());
        assertThat(run(devices, onPath("write", path, "y"))).failedWith(Errno.EACCES);
        assertThat(run(devices, onPath("read", path))).exited(0);
        Sandbox.Builder one = confined().mount(Bind.readOnly(file, path).allowDevices());
        assertThat(run(one, onPath("write", path, "y"))).failedWith(Errno.EACCES);
        assertThat(file).hasContent("x");
        Path full = Path.of("/dev/full");
        Sandbox.Builder device = confined().mount(Bind.readOnly(full, "/dev/full").allowDevices());
        assertThat(run(device, onPath("write", "/dev/full", "y"))).failedWith(Errno.ENOSPC);
        assertThat(run(confined().writable(directory), onPath("write", path, "y"))).exited(0);
    }

    @Test
    void aProgramThatClosesItsDirectoryLeavesNothing() {
        String script = "mkdir a b; chmod 0 a; cd b; ln -s / link; cd ..; pwd; exec chmod 0 .";
        Runs printed = assertThat(shell(confined(), script));
        String path = printed.text().actual().strip();
        assertThat(path).contains("cloister-");
        assertThat(Path.of(path)).doesNotExist();
    }
}
