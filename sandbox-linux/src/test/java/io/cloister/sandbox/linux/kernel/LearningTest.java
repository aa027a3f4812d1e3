package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.learn.FileAccess;
import io.cloister.sandbox.learn.Learned;
import io.cloister.sandbox.learn.Learning;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Policies that are learned from programs, and the programs under them.
@Tag("kernel")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LearningTest {

    private static Command sh(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static Learned learn(Sandbox.Builder builder, Command command)
            throws InterruptedException {
        return Learning.of(builder.spec()).learn(command);
    }

    @Test
    void aProgramFitsWhatWasLearnedFromItAndAnotherDoesNot() throws Exception {
        Command list = sh("cd / && ls usr > /tmp/list && cat /tmp/list | wc -l");
        Learned learned = learn(Sandbox.builder(), list);
        assertThat(learned.result()).exited(0);
        SandboxSpec policy = learned.policy();
        assertThat(run(policy.toBuilder(), list)).exited(0).printed(learned.result().stdoutText());
        assertThat(run(policy.toBuilder(), sh("mkdir /tmp/other")).outcome())
                .isIn(new Outcome.PolicyViolated("mkdir"), new Outcome.PolicyViolated("mkdirat"));
        assertThat(policy.syscalls().decide(Syscall.PTRACE)).isEqualTo(SyscallAction.KILL);
    }

    @Test
    void whatAProgramTouchedIsToldWithTheMostThatItDidToIt() throws Exception {
        Learned learned =
                learn(
                        Sandbox.builder(),
                        sh("cd /tmp && echo x > made && cat made && test -e missing; /bin/true"));
        assertThat(learned.files())
                .containsEntry("/tmp/made", FileAccess.WRITE)
                .containsEntry("/tmp/missing", FileAccess.LOOK)
                .containsEntry("/bin/true", FileAccess.EXECUTE);
        assertThat(learned.sockets()).isEmpty();
    }

    @Test
    void bindsAreNarrowed(@TempDir Path directory) throws Exception {
        Sandbox.Builder builder =
                Sandbox.builder().writable(directory, "/data").readOnly(directory, "/unused");
        Learned learned = learn(builder, sh("ls /data"));
        assertThat(learned.policy().filesystem().mounts())
                .containsExactly(Bind.readOnly(directory, "/data"));
    }

    @Test
    void theBindThatHoldsTheProgramStays() throws Exception {
        Sandbox.Builder builder = Victims.strict().workDirectory("/tmp");
        Command victim = Victims.call("getppid");
        SandboxSpec policy = learn(builder, victim).policy();
        assertThat(policy.filesystem().mounts()).hasSize(1);
        assertThat(run(policy.toBuilder(), victim).outcome()).isInstanceOf(Outcome.Exited.class);
    }

    @Test
    void whatIsChangedThroughADescriptorStaysWritable(@TempDir Path directory) throws Exception {
        Host.needsProgram("python3", "python3");
        java.nio.file.Files.writeString(directory.resolve("file"), "x");
        java.nio.file.Files.setPosixFilePermissions(
                directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        Sandbox.Builder builder = Sandbox.builder().writable(directory, "/data");
        String script = "import os; os.fchmod(os.open('/data/file', os.O_RDONLY), 0o600)";
        Command command = Command.of("python3", "-c", script);
        Learned learned = learn(builder, command);
        assertThat(learned.result()).exited(0);
        assertThat(learned.policy().filesystem().mounts())
                .containsExactly(Bind.writable(directory, "/data"));
    }

    @Test
    void socketsAreTold() throws Exception {
        Host.needsProgram("python3", "python3");
        String script =
                """
                import socket
                server = socket.create_server(("127.0.0.1", 8080))
                client = socket.create_connection(("127.0.0.1", 8080))
                try:
                    socket.socket(40, 1)
                except OSError as e:
                    print(e.errno)
                """;
        Command command = Command.of("python3", "-c", script);
        Learned learned = learn(Sandbox.builder(), command);
        assertThat(learned.result()).exited(0).printed("97\n");
        assertThat(learned.sockets())
                .containsExactly("bind 127.0.0.1:8080", "connect 127.0.0.1:8080");
        assertThat(learned.ports().bound()).containsExactly(8080);
        // What was refused is refused again, and does not end the run.
        assertThat(learned.syscalls().decide(Syscall.SOCKET, 40, 1))
                .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
        assertThat(learned.syscalls().decide(Syscall.SOCKET, 10, 1)).isEqualTo(SyscallAction.KILL);
        assertThat(run(learned.policy().toBuilder(), command)).exited(0).printed("97\n");
    }

    @Test
    void runsArePutTogether() throws Exception {
        Learning learning = Learning.of(SandboxSpec.strict());
        Learned both = learning.learn(sh("ls /")).and(learning.learn(sh("mkdir /tmp/a")));
        assertThat(run(both.policy().toBuilder(), sh("ls /"))).exited(0);
        assertThat(run(both.policy().toBuilder(), sh("mkdir /tmp/b"))).exited(0);
    }

    @Test
    void aPolicyThatAsksHandlersCannotBeLearnedFrom() {
        SandboxSpec asking =
                Sandbox.builder().onSyscall(Syscall.READ, _ -> SyscallAnswer.allow()).spec();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Learning.of(asking).learn(Command.of("true")))
                .withMessageStartingWith("the policy must not ask handlers");
    }

    @Test
    void withoutAFilterMoreIsSeenAndLearned() throws Exception {
        Sandbox.Builder builder = Sandbox.builder().syscalls(SyscallPolicy.unfiltered());
        Learned learned = learn(builder, sh("ls /"));
        assertThat(learned.result()).exited(0);
        assertThat(learned.syscalls().unknown()).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
        assertThat(run(learned.policy().toBuilder(), sh("ls /"))).exited(0);
    }
}
