package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.TimeUnit;

/// The JVM or the process that forks sandboxes is killed: nothing stays, and the next launch works.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherDeathTest {

    private final String token = Host.token();

    @Test
    void sandboxesDieWithTheJvm() throws Exception {
        Process jvm =
                new ProcessBuilder(Host.java(SandboxHolder.class, Victims.path().toString(), token))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertThat(jvm.inputReader().readLine()).isEqualTo("ready");
            assertThat(Host.processesWith(token)).hasSizeGreaterThanOrEqualTo(6);
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        Host.await("end of all sandboxes", () -> Host.processesWith(token).isEmpty());
    }

    @Test
    void sandboxesDieWithTheLauncherAndTheNextLaunchWorks() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(victim("daemons", token));
            assertThat(process.inputReader().readLine()).isEqualTo("sleeping");
            long before = ProcessHandle.current().children().count();
            assertThat(before).isPositive();
            ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
            assertThatThrownBy(process::waitForResult).isInstanceOf(SandboxException.class);
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(process.isAlive()).isFalse();
            assertThat(sandbox.run(victim("exit", "3"))).exited(3);
        }
    }

    @Test
    void aLaunchRightAfterTheLaunchersDeathWorksOrSaysWhyNot() {
        int worked = 0;
        for (int i = 0; i < 30; i++) {
            try {
                assertThat(run(strict(), victim("exit", "3"))).exited(3);
                ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
                assertThat(run(strict(), victim("exit", "3"))).exited(3);
                worked++;
            } catch (SandboxException e) {
                // It took the request and died of the kill before, in this round or the last one.
                assertThat(e).hasMessageContaining("launcher");
            }
        }
        assertThat(worked).isPositive();
    }
}
