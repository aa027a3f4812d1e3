package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// After many launches of every kind the JVM has what it had before.
@Tag("kernel")
@Tag("load")
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeakTest {

    private static final int ROUNDS = 60;
    private static final int READY = 30;

    @TempDir Path directory;

    @Test
    void fiveHundredLaunchesLeaveNothing() throws Exception {
        for (int i = 0; i < 5; i++) {
            everyKind();
        }
        long mounts = Host.mounts();
        long processes = Host.descendants();
        List<String> before = Host.descriptors();
        for (int i = 0; i < ROUNDS; i++) {
            everyKind();
        }
        // What earlier tests left idle may be made ready again: far fewer than one per launch.
        Host.awaitDescendants(processes + READY);
        assertThat(Host.mounts()).isEqualTo(mounts);
        List<String> after = Host.descriptors();
        assertThat(after.size())
                .as("before %s%nafter %s", before, after)
                .isLessThanOrEqualTo(before.size() + 4 * READY);
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    /// Nine launches.
    private void everyKind() throws Exception {
        Sandbox.Builder builder =
                strict().writable(directory, "/work")
                        .tmpfs("/data", Bytes.mebibytes(1))
                        .outputLimit(Bytes.kibibytes(10));
        try (Sandbox sandbox = builder.build()) {
            sandbox.run(victim("exit", "0"));
            sandbox.run(victim("daemon"));
            sandbox.run(victim("flood", "1", "100000"));
            sandbox.run(Command.of("/bin/cat").stdin(new byte[200_000]).stdout(Output.discard()));
            sandbox.run(victim("segv"));
            refused(sandbox, Command.of("/nowhere"));
            refused(sandbox, victim("exit", "0").workDirectory("/nowhere"));
            SandboxProcess cancelled = sandbox.start(victim("daemons"));
            cancelled.cancel();
            // Left running with unread pipes: close() ends it.
            sandbox.start(victim("sleep"));
        }
    }

    private static void refused(Sandbox sandbox, Command command) throws InterruptedException {
        try {
            sandbox.run(command);
            throw new AssertionError("it ran: " + command);
        } catch (SandboxLaunchException e) {
            assertThat(e).hasMessageContaining("nowhere");
        }
    }

    @Test
    void bindsOfManyOwnersLeaveNothing() {
        Host.needsRoot();
        // In a JVM of its own: here earlier tests have left launchers, each with owners it knows.
        assertThat(Host.output(Host.java(Owners.class, directory.toString())))
                .isEqualTo("no more than a few\n");
    }

    /// A program of its own JVM: binds of 150 owners, one after the other.
    static final class Owners {
        /// A slot more has a few dozen.
        private static final int FEW = 100;

        private Owners() {}

        public static void main(String[] args) throws Exception {
            Path owned = Path.of(args[0], "owned");
            int before = 0;
            for (int owner = 1; owner <= 150; owner++) {
                Files.createDirectory(owned);
                Files.setAttribute(owned, "unix:uid", 10_000 + owner);
                Sandbox.Builder builder = Sandbox.builder().writable(owned, "/work");
                Runs.assertThat(Runs.shell(builder, "touch /work/x")).exited(0);
                Files.delete(owned.resolve("x"));
                Files.delete(owned);
                if (owner == 20) {
                    before = Host.descriptors().size();
                }
            }
            int more = Host.descriptors().size() - before;
            System.out.println(more <= FEW ? "no more than a few" : more + " more");
        }
    }
}
