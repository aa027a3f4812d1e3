package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Pipeline;
import io.cloister.sandbox.PipelineOutcome;
import io.cloister.sandbox.PipelineResult;
import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Stages that wait for each other, and stages that only seem to.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipelineDeadlockTest {

    private Sandbox sandbox;

    @BeforeEach
    void open() {
        sandbox = Sandbox.builder().wallTimeLimit(Duration.ofSeconds(60)).build();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static Command sh(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static Command python(String script) {
        Host.needsProgram("python3", "python3");
        return Command.of("/usr/bin/python3", "-c", script);
    }

    private PipelineResult run(boolean relayed, Command first, Command second)
            throws InterruptedException {
        Pipeline.Builder builder =
                Pipeline.dialogue("a", sandbox, first, "b", sandbox, second)
                        .deadlockAfter(Duration.ofMillis(100));
        if (relayed) {
            builder.edge("a", "b", edge -> edge.transcript(Bytes.kibibytes(1)))
                    .edge("b", "a", edge -> edge.cap(Bytes.mebibytes(10)));
        }
        return builder.build().run();
    }

    private static void assertDeadlocked(PipelineResult result) {
        assertThat(result.outcome()).isInstanceOf(PipelineOutcome.Deadlocked.class);
        assertThat(result.stage("a")).cancelled();
        assertThat(result.stage("b")).cancelled();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothRead(boolean relayed) throws Exception {
        PipelineResult result = run(relayed, sh("read x; echo $x"), sh("read y; echo $y"));
        assertDeadlocked(result);
        PipelineOutcome.Deadlocked deadlock = (PipelineOutcome.Deadlocked) result.outcome();
        assertThat(deadlock.evidence())
                .extracting(Evidence::observed)
                .anyMatch(text ->
                        text.startsWith("stage a, sh (")
                                && text.endsWith("sleeps in read() on descriptor 0 (edge b -> a)"))
                .anyMatch(text ->
                        text.startsWith("stage b, sh (")
                                && text.endsWith("sleeps in read() on descriptor 0 (edge a -> b)"))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothReadAfterTheyHaveTalked(boolean relayed) throws Exception {
        String talk = "echo hello; read x; read y";
        assertDeadlocked(run(relayed, sh(talk), sh(talk)));
    }

    /// Each fills the pipe of the other, and does not read before it is done.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothWrite(boolean relayed) throws Exception {
        String flood = "head -c 1000000 /dev/zero; cat > /dev/null";
        assertDeadlocked(run(relayed, sh(flood), sh(flood)));
    }

    @Test
    void oneWaitsForItsChildWhichReads() throws Exception {
        assertDeadlocked(run(false, sh("cat; echo done"), sh("cat | cat; echo done")));
    }

    @Test
    void oneWaitsWithPollAndOneWithSelect() throws Exception {
        String poll = "import select; p = select.poll(); p.register(0, select.POLLIN); p.poll()";
        String select = "import select; select.select([0], [], [])";
        assertDeadlocked(run(false, python(poll), python(select)));
        String epoll = "import select; p = select.epoll(); p.register(0, select.EPOLLIN); p.poll()";
        assertDeadlocked(run(true, python(epoll), sh("read x")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatSleepsIsNoDeadlock(boolean relayed) throws Exception {
        PipelineResult result = run(relayed, sh("sleep 1; echo x"), sh("read x; echo $x >&2"));
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("b").stderrText()).isEqualTo("x\n");
    }

    @Test
    void oneThatPollsForATimeIsNoDeadlock() throws Exception {
        String poll = "import select; select.select([0], [], [], 1); print('x')";
        PipelineResult result = run(false, python(poll), sh("read x"));
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
    }

    @Test
    void oneThatComputesIsNoDeadlock() throws Exception {
        String busy = "import time; e = time.time() + 1\nwhile time.time() < e: pass\nprint('x')";
        PipelineResult result = run(true, python(busy), sh("read x"));
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
    }

    @Test
    void oneThatIsWokenByAnAlarmIsNoDeadlock() throws Exception {
        String alarm =
                "import signal, sys\n"
                        + "def f(*a): print('x'); sys.exit(0)\n"
                        + "signal.signal(signal.SIGALRM, f); signal.alarm(1); sys.stdin.read()";
        PipelineResult result = run(false, python(alarm), sh("read x"));
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
    }

    /// What comes in from the host is no edge.
    @Test
    void oneThatWaitsForTheHostIsNoDeadlock() throws Exception {
        InputStream slow =
                new InputStream() {
                    @Override
                    public int read() {
                        try {
                            Thread.sleep(1000);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return -1;
                    }
                };
        PipelineResult result =
                Pipeline.chain(sandbox, sh("cat; echo x").stdin(Input.stream(slow)), sh("cat"))
                        .deadlockAfter(Duration.ofMillis(100))
                        .build()
                        .run();
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("2")).printed("x\n");
    }

    /// The twin of the first: nobody looks.
    @Test
    void ignoredDeadlocksLastUntilALimit() throws Exception {
        try (Sandbox limited = Sandbox.builder().wallTimeLimit(Duration.ofSeconds(1)).build()) {
            PipelineResult result =
                    Pipeline.dialogue("a", limited, sh("read x"), "b", limited, sh("read x"))
                            .ignoreDeadlocks()
                            .build()
                            .run();
            assertThat(result.outcome()).isInstanceOf(PipelineOutcome.StageEndedFirst.class);
        }
    }
}
