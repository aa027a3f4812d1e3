package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Pipeline;
import io.cloister.sandbox.PipelineEdge;
import io.cloister.sandbox.PipelineOutcome;
import io.cloister.sandbox.PipelineOutcome.Effect;
import io.cloister.sandbox.PipelineResult;
import io.cloister.sandbox.PipelineRun;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.StageException;
import io.cloister.sandbox.Transcript;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Commands that talk to each other, each in a sandbox of its own.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipelineTest {

    private static final PipelineEdge QUESTIONS = new PipelineEdge("solution", 1, "interactor", 0);
    private static final PipelineEdge ANSWERS = new PipelineEdge("interactor", 1, "solution", 0);

    /// Knows a number, and answers guesses.
    private static final String INTERACTOR =
            """
            secret=37 tries=0
            while read guess; do
              tries=$((tries + 1))
              if [ "$guess" -eq $secret ]; then echo right; echo "$tries tries" >&2; exit 0; fi
              if [ "$guess" -lt $secret ]; then echo higher; else echo lower; fi
            done
            echo "no answer" >&2; exit 1
            """;

    private static final String SOLUTION =
            """
            low=1 high=100
            while :; do
              guess=$(((low + high) / 2))
              echo $guess
              read answer
              case $answer in
                right) exit 0;;
                higher) low=$((guess + 1));;
                lower) high=$((guess - 1));;
                *) exit 2;;
              esac
            done
            """;

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

    private Pipeline.Builder game(String interactor, String solution) {
        return Pipeline.dialogue(
                "interactor", sandbox, sh(interactor), "solution", sandbox, sh(solution));
    }

    private static Pipeline.Builder recorded(Pipeline.Builder game) {
        UnaryOperator<Pipeline.Edge> recorded = edge -> edge.transcript(Bytes.kibibytes(64));
        return game.edge("interactor", "solution", recorded)
                .edge("solution", "interactor", recorded);
    }

    private static String texts(PipelineResult result) {
        StringBuilder text = new StringBuilder();
        for (Transcript.Entry entry : result.transcript().entries()) {
            text.append(entry.edge().from().charAt(0)).append(':').append(entry.text());
        }
        return text.toString();
    }

    @Test
    void anInteractorAndASolutionTalk() throws Exception {
        PipelineResult result = game(INTERACTOR, SOLUTION).build().run();
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("interactor")).exited(0);
        assertThat(result.stage("interactor").stderrText()).isEqualTo("3 tries\n");
        assertThat(result.bytes("solution", "interactor")).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void theTranscriptHasAllThatWasSaidInItsOrder() throws Exception {
        PipelineResult result = recorded(game(INTERACTOR, SOLUTION)).build().run();
        assertThat(result.outcome().isSuccess()).isTrue();
        assertThat(texts(result)).isEqualTo("s:50\ni:lower\ns:25\ni:higher\ns:37\ni:right\n");
        assertThat(result.transcript().bytes(QUESTIONS)).isEqualTo("50\n25\n37\n".getBytes());
        assertThat(result.transcript().entries())
                .extracting(Transcript.Entry::at)
                .isSorted()
                .allMatch(at -> at.isPositive() && at.compareTo(result.wallTime()) < 0);
        assertThat(result.bytes("solution", "interactor")).hasValue(9);
        assertThat(result.bytes("interactor", "solution")).hasValue(19);
        assertThat(result.transcript().truncated()).isEmpty();
    }

    @Test
    void aSinkIsToldTheSameAsTheTranscript() throws Exception {
        List<Transcript.Entry> told = Collections.synchronizedList(new ArrayList<>());
        UnaryOperator<Pipeline.Edge> both =
                edge -> edge.transcript(Bytes.kibibytes(64)).sink(told::add);
        PipelineResult result =
                game(INTERACTOR, SOLUTION)
                        .edge("interactor", "solution", both)
                        .edge("solution", "interactor", both)
                        .build()
                        .run();
        assertThat(told).hasSize(6).isEqualTo(result.transcript().entries());
    }

    @Test
    void aSinkThatThrowsEndsThePipeline() throws Exception {
        Pipeline pipeline =
                game("cat", "echo hello; cat")
                        .edge(
                                "solution",
                                "interactor",
                                edge ->
                                        edge.sink(_ -> {
                                            throw new IllegalStateException("sink is full");
                                        }))
                        .build();
        assertThatThrownBy(pipeline::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sink is full");
        Host.await("end of the stages", () -> Host.processesWith("echo hello").isEmpty());
    }

    @Test
    void aTranscriptKeepsTheFirstBytes() throws Exception {
        PipelineResult result =
                Pipeline.builder()
                        .stage("a", sandbox, sh("printf 0123456789; sleep 0.1; printf rest"))
                        .stage("b", sandbox, sh("cat"))
                        .connect("a", "b", edge -> edge.transcript(Bytes.of(20)))
                        .build()
                        .run();
        assertThat(result.stage("b")).exited(0).printed("0123456789rest");
        PipelineEdge edge = new PipelineEdge("a", 1, "b", 0);
        assertThat(new String(result.transcript().bytes(edge))).isEqualTo("0123");
        assertThat(result.transcript().truncated()).containsExactly(edge);
        assertThat(result.bytes().get(edge)).hasValue(14);
    }

    @Test
    void moreThanTheCapEndsThePipeline() throws Exception {
        PipelineResult result = capped("yes");
        assertThat(result.outcome())
                .isEqualTo(
                        new PipelineOutcome.EdgeCapExceeded(
                                new PipelineEdge("a", 1, "b", 0), Bytes.kibibytes(100)));
        assertThat(result.bytes("a", "b")).hasValue(100 * 1024);
        assertThat(result.stage("a")).cancelled();
        // It did not take the cap for the end of its input.
        assertThat(result.stage("b")).cancelled().printed("");
    }

    @Test
    void asMuchAsTheCapPasses() throws Exception {
        PipelineResult result = capped("head -c 102400 /dev/zero");
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("b")).printed("102400\n");
    }

    private PipelineResult capped(String writer) throws InterruptedException {
        return Pipeline.builder()
                .stage("a", sandbox, sh(writer))
                .stage("b", sandbox, sh("wc -c"))
                .connect("a", "b", edge -> edge.cap(Bytes.kibibytes(100)))
                .build()
                .run();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChainOfThree(boolean relayed) throws Exception {
        UnaryOperator<Pipeline.Edge> edges = edge -> relayed ? edge.cap(Bytes.mebibytes(1)) : edge;
        PipelineResult result =
                Pipeline.builder()
                        .stage("1", sandbox, sh("seq 1 1000"))
                        .stage("2", sandbox, sh("grep 7"))
                        .stage("3", sandbox, sh("wc -l"))
                        .connect("1", "2", edges)
                        .connect("2", "3", edges)
                        .build()
                        .run();
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("3")).printed("271\n");
    }

    @Test
    void theExitCodeIsThatOfTheLastStageThatFailed() throws Exception {
        assertThat(
                        Pipeline.chain(sandbox, sh("exit 3"), sh("cat; exit 5"), sh("cat"))
                                .build()
                                .run()
                                .exitCode())
                .isEqualTo(5);
        assertThat(Pipeline.chain(sandbox, sh("exit 3"), sh("cat")).build().run().exitCode())
                .isEqualTo(3);
        assertThat(Pipeline.chain(sandbox, sh("kill -9 $$"), sh("cat")).build().run().exitCode())
                .isEqualTo(137);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriterGetsSigpipeWhenItsReaderHasEnded(boolean relayed) throws Exception {
        PipelineResult result =
                Pipeline.builder()
                        .stage("writer", sandbox, Command.of("/usr/bin/yes"))
                        .stage("reader", sandbox, Command.of("/usr/bin/head", "-n", "1"))
                        .connect(
                                "writer",
                                "reader",
                                edge -> relayed ? edge.transcript(Bytes.of(100)) : edge)
                        .build()
                        .run();
        assertThat(result.stage("reader")).exited(0).printed("y\n");
        assertThat(result.stage("writer")).signalled(Signal.PIPE);
        assertThat(result.exitCode()).isEqualTo(141);
        assertThat(result.endOrder()).containsExactlyInAnyOrder("reader", "writer");
        needsPromptReports();
        assertThat(result.outcome())
                .isInstanceOfSatisfying(
                        PipelineOutcome.StageEndedFirst.class,
                        first -> {
                            assertThat(first.stage()).isEqualTo("reader");
                            assertThat(first.consequences())
                                    .extracting(PipelineOutcome.Consequence::effect)
                                    .containsExactly(Effect.BROKEN_PIPE);
                        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInteractorFindsTheEndOfItsInputWhenTheSolutionHasCrashed(boolean relayed)
            throws Exception {
        Pipeline.Builder game = game(INTERACTOR, "echo 50; read answer; kill -SEGV $$");
        PipelineResult result = (relayed ? recorded(game) : game).build().run();
        assertThat(result.stage("interactor")).exited(1);
        assertThat(result.stage("interactor").stderrText()).isEqualTo("no answer\n");
        assertThat(result.endOrder()).containsExactlyInAnyOrder("solution", "interactor");
        needsPromptReports();
        assertThat(result.endOrder()).containsExactly("solution", "interactor");
        assertThat(result.outcome())
                .isEqualTo(
                        new PipelineOutcome.StageEndedFirst(
                                "solution",
                                new Outcome.Signalled(Signal.SEGV),
                                List.of(
                                        new PipelineOutcome.Consequence(
                                                ANSWERS, Effect.BROKEN_PIPE),
                                        new PipelineOutcome.Consequence(
                                                QUESTIONS, Effect.END_OF_INPUT))));
    }

    /// Which of two stages ended first is known by whose report came first.
    private static void needsPromptReports() {
        Assumptions.assumeFalse(
                Host.isUserModeLinux(),
                "needs reports in the order of the ends: User Mode Linux has one slow processor");
    }

    @Test
    void otherDescriptorsAreConnected() throws Exception {
        PipelineResult result =
                Pipeline.builder()
                        .stage("a", sandbox, sh("echo one; echo two >&2; echo three >&5"))
                        .stage("b", sandbox, sh("cat; cat <&7; cat <&8"))
                        .connect("a", "b")
                        .connect("a", "b", edge -> edge.output(2).input(7))
                        .connect(
                                "a", "b", edge -> edge.output(5).input(8).transcript(Bytes.of(100)))
                        .build()
                        .run();
        assertThat(result.stage("b")).exited(0).printed("one\ntwo\nthree\n");
        assertThat(texts(result)).isEqualTo("a:three\n");
    }

    @Test
    void aStreamThatIsAnEdgeCanBeOpenedByItsName() throws Exception {
        PipelineResult result =
                Pipeline.chain(sandbox, sh("echo name > /dev/stdout"), sh("cat /dev/stdin"))
                        .build()
                        .run();
        assertThat(result.stage("2")).exited(0).printed("name\n");
    }

    @Test
    void aFailedLaunchLeavesNoStage() {
        String token = Host.token();
        Pipeline pipeline =
                Pipeline.builder()
                        .stage("first", sandbox, sh("cat # " + token))
                        .stage("second", sandbox, Command.of("/no/such/program"))
                        .connect("first", "second")
                        .connect("second", "first")
                        .build();
        assertThatThrownBy(pipeline::run)
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.stage()).isEqualTo("second"))
                .hasCauseInstanceOf(SandboxLaunchException.class)
                .hasMessageContaining("ENOENT");
        assertThat(Host.processesWith(token)).isEmpty();
    }

    @Test
    void cancellingEndsAllStages() throws Exception {
        String token = Host.token();
        PipelineRun run = game("cat # " + token, "sleep 1000 # " + token).build().start();
        assertThat(Host.processesWith(token)).isNotEmpty();
        run.cancel();
        assertThat(Host.processesWith(token)).isEmpty();
        PipelineResult result = run.waitForResult();
        assertThat(result.outcome()).isInstanceOf(PipelineOutcome.Cancelled.class);
        assertThat(result.stage("interactor")).cancelled();
        assertThat(result.stage("solution")).cancelled();
    }

    @Test
    void anInterruptEndsAllStages() throws Exception {
        String token = Host.token();
        PipelineRun run = game("cat # " + token, "sleep 1000 # " + token).build().start();
        Thread.currentThread().interrupt();
        assertThatThrownBy(run::waitForResult).isInstanceOf(InterruptedException.class);
        assertThat(Host.processesWith(token)).isEmpty();
        assertThat(run.waitForResult().outcome()).isInstanceOf(PipelineOutcome.Interrupted.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void muchGoesThroughInLittleMemory(boolean relayed) throws Exception {
        long size = 200L << 20;
        long before = used();
        PipelineRun run =
                Pipeline.builder()
                        .stage("source", sandbox, sh("head -c " + size + " /dev/zero"))
                        .stage("filter", sandbox, Command.of("/bin/cat"))
                        .stage("sink", sandbox, sh("sleep 0.3; wc -c"))
                        .connect(
                                "source",
                                "filter",
                                edge -> relayed ? edge.cap(Bytes.gibibytes(1)) : edge)
                        .connect(
                                "filter",
                                "sink",
                                edge ->
                                        relayed
                                                ? edge.transcript(Bytes.kibibytes(64)).sink(_ -> {})
                                                : edge)
                        .build()
                        .start();
        long most = 0;
        while (!run.onResult().isDone()) {
            most = Math.max(most, used() - before);
            Thread.sleep(20);
        }
        PipelineResult result = run.waitForResult();
        assertThat(result.outcome()).isEqualTo(new PipelineOutcome.Completed());
        assertThat(result.stage("sink")).printed(size + "\n");
        assertThat(most).isLessThan(64L << 20);
        if (relayed) {
            assertThat(result.bytes("filter", "sink")).hasValue(size);
        }
    }

    /// What is still used after a collection.
    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aSlowReaderSlowsTheWriter() throws Exception {
        PipelineRun run =
                Pipeline.builder()
                        .stage("writer", sandbox, Command.of("/usr/bin/yes"))
                        .stage("reader", sandbox, sh("sleep 1; head -c 10 > /dev/null"))
                        .connect("writer", "reader", edge -> edge.cap(Bytes.gibibytes(100)))
                        .build()
                        .start();
        PipelineResult result = run.waitForResult();
        // Two pipes of 64 KiB and one chunk on the way.
        assertThat(result.bytes("writer", "reader").getAsLong()).isLessThan(4 * 64 * 1024);
    }

    @Test
    void nothingStaysOpen() throws Exception {
        recorded(game(INTERACTOR, SOLUTION)).build().run();
        List<String> before = Host.descriptors();
        for (int i = 0; i < 5; i++) {
            recorded(game(INTERACTOR, SOLUTION)).build().run();
            game(INTERACTOR, SOLUTION).build().run();
        }
        Host.await(
                "closed descriptors",
                () ->
                        Host.descriptors().stream().filter(d -> d.startsWith("pipe:")).count()
                                <= before.stream().filter(d -> d.startsWith("pipe:")).count());
    }
}
