package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.CommandUser;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.TerminalSize;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What belongs to one command of a session: its user, its environment, its descriptors.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionCommandTest {

    private static final String WHO = "id -u; id -g; id -G";

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static Sandbox.Builder ranges() {
        Host.needsRoot();
        return strict().user(5, 6).mapUids(0, 200_000, 100).mapGids(0, 300_000, 100);
    }

    @Test
    void aCommandOfASessionRunsAsAnotherUser() throws Exception {
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(shell(WHO))).printed("5\n6\n6\n");
            assertThat(session.run(shell(WHO).user(7, 8))).printed("7\n8\n8\n");
            CommandUser member = new CommandUser(9, 10, List.of(11, 12));
            assertThat(session.run(shell(WHO).user(member))).printed("9\n10\n10 11 12\n");
            assertThat(session.run(shell(WHO))).printed("5\n6\n6\n");
        }
    }

    @Test
    void soDoesARun() throws Exception {
        try (Sandbox sandbox = ranges().build()) {
            assertThat(sandbox.run(shell(WHO).user(7, 8))).printed("7\n8\n8\n");
            assertThat(sandbox.run(shell(WHO))).printed("5\n6\n6\n");
        }
    }

    @Test
    void itHasNoMoreRightsThanOthers() throws Exception {
        String rights =
                "grep -E 'Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs' /proc/self/status | cut -f 2 | sort -u";
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            // User 0 of the sandbox is one like others.
            for (int uid : new int[] {0, 7}) {
                Command command = shell(rights).user(uid, uid);
                assertThat(session.run(command)).printed("0000000000000000\n1\n");
                assertThat(sandbox.run(command)).printed("0000000000000000\n1\n");
            }
        }
    }

    @Test
    void usersAreKeptApartByTheirFiles() throws Exception {
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(shell("umask 077; echo mine > /tmp/f").user(7, 8))).exited(0);
            assertThat(session.run(shell("cat /tmp/f"))).exited(1);
            assertThat(session.run(shell("cat /tmp/f").user(7, 8))).printed("mine\n");
            assertThat(session.run(shell("cat /tmp/f").user(9, 8))).exited(1);
            assertThat(session.run(shell("echo x > /dev/stdout").user(7, 8))).printed("x\n");
        }
    }

    @Test
    void aTerminalIsItsUsers() throws Exception {
        Command command =
                shell("id -u; echo x > /dev/tty; echo y > $(tty)")
                        .user(7, 8)
                        .terminal(TerminalSize.standard());
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(command)).printed("7\r\nx\r\ny\r\n");
            assertThat(sandbox.run(command)).printed("7\r\nx\r\ny\r\n");
        }
    }

    @Test
    void itIsEndedLikeOthers() throws Exception {
        String token = Host.token();
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess process =
                    session.start(
                            shell("setsid sh -c 'sleep 100; : " + token + "' & echo ready; wait")
                                    .user(7, 8));
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            Host.await("its child", () -> Host.processesWith(token).size() > 1);
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
        }
    }

    @Test
    void aUserThatIsNotMappedIsRefused() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.run(shell(WHO).user(7, 8)))
                    .withMessageContaining("user 7, group 8")
                    .withMessageContaining("mapUids");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sandbox.run(shell(WHO).user(7, 8)))
                    .withMessageContaining("mapUids");
            assertThat(session.run(shell("id -u"))).printed("1000\n");
        }
    }

    @Test
    void aUserBeyondTheRangesIsRefused() throws Exception {
        try (Sandbox sandbox = ranges().build();
                SandboxSession session = sandbox.open()) {
            for (CommandUser beyond :
                    List.of(
                            new CommandUser(100, 8, List.of()),
                            new CommandUser(7, 100, List.of()),
                            new CommandUser(7, 8, List.of(100)))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> session.run(shell(WHO).user(beyond)))
                        .withMessageContaining("id 100 is not in");
            }
            assertThat(session.run(shell("id -u").user(99, 99))).printed("99\n");
        }
    }

    @Test
    void environmentAndWorkDirectoryAreThoseOfTheCommand() throws Exception {
        try (Sandbox sandbox =
                        strict().environment("A", "policy").environment("B", "kept").build();
                SandboxSession session = sandbox.open()) {
            Command show = shell("echo $A $B; pwd");
            assertThat(session.run(show.environment("A", "own").workDirectory("/usr")))
                    .printed("own kept\n/usr\n");
            SandboxResult plain = session.run(show);
            assertThat(plain.stdoutText()).isEqualTo("policy kept\n/tmp\n");
        }
    }

    @Test
    void descriptorsAreThoseOfTheCommand(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "passed");
        String numbers = "ls /proc/self/fd | tr '\\n' ' '";
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open();
                RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            assertThat(open.length()).isEqualTo(6);
            int number = Descriptors.of(file);
            assertThat(session.run(shell("cat <&7").descriptor(7, number))).printed("passed");
            // 3 is what ls lists.
            assertThat(session.run(shell(numbers))).printed("0 1 2 3 ");
            assertThat(session.run(shell("cat <&7"))).exited(2);
        }
    }

    @Test
    void aCommandWithLimitsOfItsOwnHasNoFurtherDescriptors(@TempDir Path directory)
            throws Exception {
        Cgroups.assume("memory");
        Path file = Files.writeString(directory.resolve("f"), "passed");
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open();
                RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            assertThat(open.length()).isEqualTo(6);
            int number = Descriptors.of(file);
            Command command = shell("ls /proc/self/fd | tr '\\n' ' '; cat <&7");
            assertThat(session.run(command.descriptor(7, number), limits -> limits.pids(20)))
                    .printed("0 1 2 3 7 passed");
        }
    }
}
