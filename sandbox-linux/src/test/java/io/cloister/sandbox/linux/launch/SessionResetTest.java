package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.LinuxSandboxProvider;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.Sleeper;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.syscall.SyscallHandlers;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// A reset that leaves something out is found out by the look that follows, which relies on no step
/// of it. What a pool does then: `SandboxPoolTest#oneThatIsNotAsNewIsThrownAwayAndReplaced`.
@Tag("kernel")
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionResetTest {

    private static final EnumSet<ResetStep> ALL = EnumSet.allOf(ResetStep.class);

    private static void run(LinuxSession session, String script) throws InterruptedException {
        Command command =
                Command.of("/bin/sh", "-c", script)
                        .stdin(Input.empty())
                        .stdout(Output.capture())
                        .stderr(Output.capture());
        assertThat(session.launch(command, UnaryOperator.identity()).waitForResult().outcome())
                .isEqualTo(new Outcome.Exited(0));
    }

    /// One that belongs to no command: those of commands end with them.
    private static void leaveProcess(LinuxSession session) throws ReflectiveOperationException {
        Field field = LinuxSession.class.getDeclaredField("zygote");
        field.setAccessible(true);
        Zygote zygote = (Zygote) field.get(session);
        try (OneShot exchange = OneShot.send(zygote, Sleeper.request(Kernel.cpu()), List.of())) {
            Kernel.close(exchange.awaitMade().pidfd());
            zygote.answered();
        }
    }

    private static void leaveAll(LinuxSession session) throws Exception {
        leaveProcess(session);
        run(session, "mkdir /tmp/d; echo x > /tmp/d/f; touch -d 2001-01-01 /tmp /dev/shm");
    }

    private static String trace(ResetStep step) {
        return switch (step) {
            case END_PROCESSES -> "processes are left";
            case REMOVE_FILES -> "/tmp/d is new";
            case RESTORE_TIMES -> "/tmp is changed";
        };
    }

    @ParameterizedTest
    @EnumSource
    void oneThatLeavesAStepOutIsFoundOut(ResetStep left) throws Exception {
        try (SandboxBackend backend =
                        new LinuxSandboxProvider()
                                .open(SandboxSpec.strict(), SyscallHandlers.none());
                LinuxSession session = (LinuxSession) backend.open()) {
            assertThat(session.reset()).isEmpty();
            leaveAll(session);
            EnumSet<ResetStep> others = EnumSet.copyOf(ALL);
            others.remove(left);
            assertThat(session.reset(others).orElseThrow()).contains(trace(left));
            // It goes on to be found out, until the step is made.
            assertThat(session.reset(others).orElseThrow()).contains(trace(left));
            assertThat(session.reset(ALL)).isEmpty();
        }
    }

    @Test
    void withEachStepItIsAsNew() throws Exception {
        try (SandboxBackend backend =
                        new LinuxSandboxProvider()
                                .open(SandboxSpec.strict(), SyscallHandlers.none());
                LinuxSession session = (LinuxSession) backend.open()) {
            assertThat(session.reset()).isEmpty();
            leaveAll(session);
            assertThat(session.reset(ALL)).isEmpty();
            assertThat(session.reset(ALL)).isEmpty();
        }
    }

    @Test
    void ofOneThatHasEndedItSaysSo() throws Exception {
        try (SandboxBackend backend =
                        new LinuxSandboxProvider()
                                .open(SandboxSpec.strict(), SyscallHandlers.none());
                LinuxSession session = (LinuxSession) backend.open()) {
            assertThat(session.reset()).isEmpty();
            Field field = LinuxSession.class.getDeclaredField("server");
            field.setAccessible(true);
            ((SandboxRun) field.get(session)).cancel();
            assertThat(session.reset().orElseThrow()).contains("the session has ended");
        }
    }
}
