package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Signals to a command, to its process group, and to all that it started; and its end on request.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalTest {

    /// Prints who it is when it gets SIGUSR1: a command, a child of its group, and a grandchild in
    /// a session of its own. All say that they are ready. They wait for it with sigwait(3): Python
    /// sleeps on after a signal that comes just before it sleeps.
    private static final String FAMILY =
            """
            import os, signal
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            def says(name):
                os.write(1, b"ready\\n")
                while True:
                    signal.sigwait([signal.SIGUSR1])
                    os.write(1, (name + "\\n").encode())
            if os.fork() == 0:
                if os.fork() == 0:
                    os.setsid()
                    says("far")
                says("near")
            says("self")
            """;

    /// How the command is run: alone, or in a session beside another one of the same kind.
    enum Way {
        ALONE,
        AMONG_HOST_PROCESSES,
        CONFINED,
        IN_SESSION;

        Sandbox sandbox() {
            return switch (this) {
                case ALONE, IN_SESSION -> strict().build();
                case AMONG_HOST_PROCESSES -> strict().hostPid().build();
                case CONFINED -> Victims.confined().build();
            };
        }
    }

    /// A command that runs, and another one that nothing of it may reach.
    private record Running(
            Sandbox sandbox,
            Optional<SandboxSession> session,
            SandboxProcess process,
            SandboxProcess other)
            implements AutoCloseable {

        static Running of(Way way, Command command, Command other) {
            if (way == Way.CONFINED) {
                Host.needsLandlock(6);
            }
            Sandbox sandbox = way.sandbox();
            if (way == Way.IN_SESSION) {
                SandboxSession session = sandbox.open();
                return new Running(
                        sandbox,
                        Optional.of(session),
                        session.start(command),
                        session.start(other));
            }
            return new Running(
                    sandbox, Optional.empty(), sandbox.start(command), sandbox.start(other));
        }

        @Override
        public void close() {
            process.cancel();
            other.cancel();
            session.ifPresent(SandboxSession::close);
            sandbox.close();
        }
    }

    private static Command family() {
        return Command.of("/usr/bin/python3", "-c", FAMILY);
    }

    private static List<String> lines(BufferedReader reader, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(reader.readLine());
        }
        return lines;
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void eachScopeReachesWhoIsMeantAndNobodyElse(Way way) throws Exception {
        try (Running running = Running.of(way, family(), family());
                BufferedReader out = running.process().inputReader();
                BufferedReader other = running.other().inputReader()) {
            assertThat(lines(out, 3)).containsOnly("ready");
            assertThat(lines(other, 3)).containsOnly("ready");
            SandboxProcess process = running.process();
            process.signal(Signal.USR1);
            assertThat(lines(out, 1)).containsExactly("self");
            process.signal(Signal.USR1, SignalScope.PROCESS);
            assertThat(lines(out, 1)).containsExactly("self");
            process.signal(Signal.USR1, SignalScope.TREE);
            assertThat(lines(out, 3)).containsExactlyInAnyOrder("self", "near", "far");
            try {
                process.signal(Signal.USR1, SignalScope.GROUP);
                assertThat(lines(out, 2)).containsExactlyInAnyOrder("self", "near");
            } catch (SandboxUnavailableException e) {
                assertThat(e.missing()).isEqualTo("PIDFD_SIGNAL_PROCESS_GROUP");
            }
            // Nothing came beside that, nor to the other one.
            process.signal(Signal.KILL, SignalScope.TREE);
            assertThat(process.waitForResult()).signalled(Signal.KILL);
            assertThat(out.readLine()).isNull();
            assertThat(running.other().isAlive()).isTrue();
            running.other().signal(Signal.USR1);
            assertThat(lines(other, 1)).containsExactly("self");
        }
    }

    @Test
    void aTreeStopsAndGoesOn() throws Exception {
        // Not a shell, which may wait for a vfork when its child is stopped.
        String counting =
                "import itertools, time\n"
                        + "for i in itertools.count(1):\n"
                        + "    print(i, flush=True)\n"
                        + "    time.sleep(0.01)\n";
        try (Running running =
                        Running.of(
                                Way.IN_SESSION,
                                Command.of("/usr/bin/python3", "-c", counting),
                                Command.of("sleep", "100"));
                BufferedReader out = running.process().inputReader()) {
            assertThat(lines(out, 3)).containsExactly("1", "2", "3");
            running.process().signal(Signal.STOP, SignalScope.TREE);
            Host.await(
                    "the command to stop",
                    () ->
                            Host.read("/proc/" + running.process().pid() + "/status")
                                    .contains("State:\tT"));
            running.process().signal(Signal.CONT, SignalScope.TREE);
            assertThat(lines(out, 500)).contains("100");
        }
    }

    @Test
    void aSignalToWhatHasEndedDoesNothing() throws Exception {
        try (Running running =
                Running.of(Way.IN_SESSION, Command.of("true"), Command.of("sleep", "100"))) {
            assertThat(running.process().waitForResult()).exited(0);
            for (SignalScope scope : SignalScope.values()) {
                running.process().signal(Signal.KILL, scope);
            }
            assertThat(running.other().isAlive()).isTrue();
        }
    }

    /// What the first process takes as a request, sent from inside.
    @Test
    void theProgramGainsNothingByAskingTheFirstProcessItself() throws Exception {
        String asking =
                "import ctypes, os, time\n"
                        + "for number in range(1, 65):\n"
                        + "    for target in (1, os.getppid()):\n"
                        + "        try:\n"
                        + "            if target > 0: os.kill(target, number)\n"
                        + "        except (OSError, ValueError): pass\n"
                        + "print('sent')\n";
        try (Sandbox sandbox = strict().build()) {
            assertThat(sandbox.run(Command.of("/usr/bin/python3", "-c", asking))).printed("sent\n");
            Host.needsLandlock(6);
            try (SandboxSession session = sandbox.open()) {
                SandboxProcess other = session.start(Command.of("sleep", "100"));
                assertThat(session.run(Command.of("/usr/bin/python3", "-c", asking)))
                        .printed("sent\n");
                assertThat(other.isAlive()).isTrue();
                assertThat(session.isOpen()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whoHeedsARequestToEndHasAnEndOfHisOwn(Way way) throws Exception {
        try (Running running =
                Running.of(
                        way,
                        Command.of(
                                "/bin/sh",
                                "-c",
                                "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"),
                        Command.of("sleep", "100"))) {
            assertThat(running.process().inputReader().readLine()).isEqualTo("ready");
            assertThat(running.process().terminate(Duration.ofSeconds(30)).get()).exited(3);
            // The default of SIGTERM.
            assertThat(running.other().terminate(Duration.ofSeconds(30)).get())
                    .signalled(Signal.TERM);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whoDoesNotIsKilledWithAllThatItStarted(Way way) throws Exception {
        String token = Host.token();
        try (Running running =
                Running.of(
                        way,
                        Command.of(
                                "/bin/sh",
                                "-c",
                                "trap '' TERM; setsid sh -c 'sleep 100; : "
                                        + token
                                        + "' & echo ready; wait"),
                        Command.of("sleep", "100"))) {
            assertThat(running.process().inputReader().readLine()).isEqualTo("ready");
            SandboxResult result = running.process().terminate(Duration.ofMillis(300)).get();
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Cancelled.class,
                            cancelled ->
                                    assertThat(cancelled.after())
                                            .isGreaterThanOrEqualTo(Duration.ofMillis(300)));
            assertThat(result.evidence().toString()).contains("after SIGTERM");
            Host.await("its processes to be gone", () -> Host.processesWith(token).isEmpty());
            assertThat(running.other().isAlive()).isTrue();
        }
    }

    @Test
    void aGraceIsNotNegative() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(Command.of("sleep", "100"));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> process.terminate(Duration.ofMillis(-1)))
                    .withMessageContaining("grace");
            process.cancel();
        }
    }
}
