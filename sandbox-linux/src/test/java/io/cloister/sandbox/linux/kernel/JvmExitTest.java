package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.JvmExit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A JVM that ends while a command runs, with a shutdown hook of its own.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JvmExitTest {

    @Test
    void withoutADelayWhatRunsIsCancelled() {
        assertThat(ended("none")).startsWith("Cancelled[after ");
    }

    @Test
    void withADelayItMayEnd() {
        assertThat(ended("hook")).isEqualTo("Exited[code=3], then Exited[code=0]\n");
    }

    @Test
    void aDelayThatNobodyClosesIsOverSomeTime() {
        assertThat(ended("forgotten")).startsWith("Cancelled[after ");
    }

    private static String ended(String way) {
        return Host.output(Host.java(Ending.class, way));
    }

    /// A program of its own JVM: it exits while a command runs that waits for its input, and says
    /// how that ended.
    static final class Ending {
        private Ending() {}

        @SuppressWarnings("resource") // It ends with the JVM.
        public static void main(String[] args) throws Exception {
            Sandbox sandbox = Sandbox.builder().build();
            SandboxProcess process =
                    sandbox.start(Command.of("/bin/sh", "-c", "echo ready; read line; exit 3"));
            process.getInputStream().readNBytes("ready\n".length());
            switch (args[0]) {
                case "hook" -> {
                    JvmExit.Delay delay = JvmExit.delay(Duration.ofMinutes(1));
                    atExit(() -> {
                        try (delay) {
                            // Long after a hook without a delay has killed it.
                            Thread.sleep(300);
                            process.getOutputStream().write("go on\n".getBytes());
                            process.getOutputStream().flush();
                            var first = process.waitForResult().outcome();
                            var second = sandbox.run("/bin/true").outcome();
                            System.out.println(first + ", then " + second);
                        }
                        return null;
                    });
                }
                case "forgotten" -> {
                    JvmExit.delay(Duration.ofMillis(300));
                    atExit(() -> print(process));
                }
                default -> atExit(() -> print(process));
            }
            System.exit(0);
        }

        private static Void print(SandboxProcess process) throws InterruptedException {
            System.out.println(process.waitForResult().outcome());
            return null;
        }

        private static void atExit(java.util.concurrent.Callable<Void> action) {
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                try {
                                    action.call();
                                } catch (Exception e) {
                                    e.printStackTrace();
                                }
                            }));
        }
    }
}
