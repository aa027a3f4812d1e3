package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;

/// What may be connected with what.
class PipelineTest {
    private static final Command CAT = Command.of("cat");

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final Sandbox sandbox = Sandbox.of(SandboxSpec.strict(), provider);

    @AfterEach
    void close() {
        sandbox.close();
    }

    private Pipeline.Builder two() {
        return Pipeline.builder()
                .provider(provider)
                .stage("a", sandbox, CAT)
                .stage("b", sandbox, CAT);
    }

    @Test
    void aDialogueHasTwoEdges() {
        Pipeline pipeline =
                Pipeline.dialogue("a", sandbox, CAT, "b", sandbox, CAT).provider(provider).build();
        assertThat(pipeline).hasToString("Pipeline[a -> b, b -> a]");
        assertThat(pipeline.stages()).containsExactly("a", "b");
    }

    @Test
    void aChainConnectsEachWithTheNext() {
        assertThat(Pipeline.chain(sandbox, CAT, CAT, CAT).provider(provider).build())
                .hasToString("Pipeline[1 -> 2, 2 -> 3]");
        assertThat(two().connect("a", "b", edge -> edge.output(2).input(5)).build())
                .hasToString("Pipeline[a:2 -> b:5]");
    }

    @Test
    void anEndHasOneEdge() {
        Pipeline.Builder builder = two().stage("c", sandbox, CAT).connect("a", "b");
        assertThatThrownBy(() -> builder.connect("a", "c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("output 1 of stage \"a\" is taken by the edge a -> b");
        assertThatThrownBy(() -> builder.connect("c", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input 0 of stage \"b\" is taken by the edge a -> b");
        builder.connect("b", "c").build();
    }

    @Test
    void aStreamThatIsSetIsNoEnd() {
        Pipeline.Builder builder = two().stage("c", sandbox, CAT.stdin(new byte[1]));
        assertThatThrownBy(() -> builder.connect("a", "c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("descriptor 0 of stage \"c\" is set in its command already");
        builder.connect("c", "a");
    }

    @Test
    void stagesAndEdgesMustBeThere() {
        assertThatThrownBy(() -> two().connect("a", "x"))
                .hasMessage("there must be a stage \"x\", were [a, b]");
        assertThatThrownBy(() -> two().stage("a", sandbox, CAT))
                .hasMessage("there is a stage \"a\" already");
        assertThatThrownBy(() -> two().stage("c", sandbox, CAT.stdin(Input.pipe())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> two().connect("a", "b").edge("b", "a", edge -> edge))
                .hasMessage("there must be an edge b -> a, were [a -> b]");
        assertThatThrownBy(() -> two().build()).hasMessage("stage \"a\" has no edge");
        assertThatThrownBy(() -> Pipeline.chain(sandbox, CAT).build())
                .hasMessage("a pipeline needs two stages or more, has [1]");
        assertThatThrownBy(() -> two().connect("a", "a"))
                .hasMessage("an edge must lead to another stage, was from \"a\" to itself");
    }

    @Test
    void descriptorsAndTimesHaveBounds() {
        assertThatThrownBy(() -> two().connect("a", "b", edge -> edge.output(0)))
                .hasMessage("output must be 1 to 1023, was 0");
        assertThatThrownBy(() -> two().connect("a", "b", edge -> edge.input(2)))
                .hasMessage("input must be 0 or 3 to 1023, was 2");
        assertThatThrownBy(() -> two().deadlockAfter(Duration.ofMillis(9)))
                .hasMessage("deadlockAfter must be 10 ms to 1 day, was 9ms");
        assertThatThrownBy(() -> two().connect("a", "b", e -> e.transcript(Bytes.gibibytes(2))))
                .hasMessage("a transcript must be <= 1 GiB, was 2 GiB");
    }

    @Test
    void aProviderWithoutPipesSaysSo() {
        Pipeline pipeline = two().connect("a", "b").build();
        assertThatThrownBy(pipeline::run).isInstanceOf(SandboxUnavailableException.class);
        assertThat(provider.processes).isEmpty();
    }
}
