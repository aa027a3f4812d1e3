package io.cloister.sandbox;

import io.cloister.sandbox.check.Texts;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxProvider;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Commands in sandboxes of their own, with pipes between them: stages of a build, or an interactor
/// and the solution that it talks to.
///
/// Each stage is one run, under the policy and the limits of its sandbox. An edge is a pipe: what
/// is written waits in it until it is read, a full one makes the writer wait, and when one side has
/// ended the other notices as it would in a shell. The programs hold the two ends of one pipe, and
/// the JVM has no part in it, unless the edge has a cap, a transcript or a sink; then the JVM
/// passes the bytes on.
///
/// Where a command leaves them open, its standard input is empty and its outputs are captured, but
/// for those that are edges. The output limit of a policy does not count what goes over an edge:
/// [Edge#cap(Bytes)] does.
///
/// Immutable and thread-safe; the sandboxes remain the caller's to close.
public final class Pipeline {
    private final List<Stage> stages;
    private final List<PlannedEdge> edges;
    private final Optional<Duration> deadlockAfter;
    private final SandboxProvider provider;

    private Pipeline(Builder builder, SandboxProvider provider) {
        stages = List.copyOf(builder.stages.values());
        edges = List.copyOf(builder.edges.values());
        deadlockAfter = builder.deadlockAfter;
        this.provider = provider;
    }

    /// One command and where it runs.
    record Stage(String name, Sandbox sandbox, Command command) {}

    /// One edge and what is done with its bytes.
    record PlannedEdge(
            PipelineEdge edge,
            Optional<Bytes> cap,
            Optional<Bytes> transcript,
            Optional<TranscriptSink> sink) {
        boolean relayed() {
            return cap.isPresent() || recorded();
        }

        boolean recorded() {
            return transcript.isPresent() || sink.isPresent();
        }
    }

    /// {@return a builder without stages}
    public static Builder builder() {
        return new Builder();
    }

    /// {@return a builder with two stages that talk to each other: each reads from standard input
    /// what the other writes to standard output}
    ///
    /// @param first the name of the first
    /// @param firstSandbox where it runs
    /// @param firstCommand what it is
    /// @param second the name of the second
    /// @param secondSandbox where it runs
    /// @param secondCommand what it is
    public static Builder dialogue(
            String first,
            Sandbox firstSandbox,
            Command firstCommand,
            String second,
            Sandbox secondSandbox,
            Command secondCommand) {
        return builder()
                .stage(first, firstSandbox, firstCommand)
                .stage(second, secondSandbox, secondCommand)
                .connect(first, second)
                .connect(second, first);
    }

    /// {@return a builder with a chain of stages as in `a | b | c`, all in sandboxes of one policy;
    /// the stages are named `1`, `2` and so on}
    ///
    /// @param sandbox where they run, each in a run of its own
    /// @param commands the commands, from the first to the last
    public static Builder chain(Sandbox sandbox, Command... commands) {
        Builder builder = builder();
        for (int i = 1; i <= commands.length; i++) {
            builder.stage(String.valueOf(i), sandbox, commands[i - 1]);
        }
        return builder.connectAll();
    }

    /// Runs the stages and waits until all of them have ended.
    ///
    /// @return how each ended, and what that means together
    /// @throws InterruptedException if the thread is interrupted; all stages are dead then
    /// @throws StageException if a stage could not be started or watched; no stage is left then
    /// @throws SandboxException if the host cannot connect them
    public PipelineResult run() throws InterruptedException {
        return start().waitForResult();
    }

    /// Starts the stages and returns when all of their programs have been executed.
    ///
    /// @return the running pipeline
    /// @throws InterruptedException if the thread is interrupted while it waits for the budget of a
    ///   sandbox; no stage is left then
    /// @throws StageException if a stage could not be started; no stage is left then
    /// @throws SandboxException if the host cannot connect them
    public PipelineRun start() throws InterruptedException {
        return PipelineRun.start(provider, stages, edges, deadlockAfter);
    }

    /// {@return the names of the stages, in the order in which they were added}
    public List<String> stages() {
        return stages.stream().map(Stage::name).toList();
    }

    /// {@return the edges, in the order in which they were added}
    public List<PipelineEdge> edges() {
        return edges.stream().map(PlannedEdge::edge).toList();
    }

    /// The edges, for example `Pipeline[a -> b, b -> a]`.
    @Override
    public String toString() {
        return "Pipeline" + edges();
    }

    /// What an edge has beyond the pipe. Not thread-safe.
    public static final class Edge {
        private int output = 1;
        private int input;
        private Optional<Bytes> cap = Optional.empty();
        private Optional<Bytes> transcript = Optional.empty();
        private Optional<TranscriptSink> sink = Optional.empty();

        private Edge() {}

        /// Takes what the stage writes to another descriptor than 1: 2, which is standard error, or
        /// 3 to 1023, which the command has beside the usual three then.
        ///
        /// @param number the descriptor
        /// @return this edge
        public Edge output(int number) {
            output = number;
            return this;
        }

        /// Gives the bytes to another descriptor than 0: 3 to 1023.
        ///
        /// @param number the descriptor
        /// @return this edge
        public Edge input(int number) {
            input = number;
            return this;
        }

        /// Ends the pipeline when more than this is written to the edge: the outcome is
        /// [PipelineOutcome.EdgeCapExceeded]. By default there is no cap.
        ///
        /// @param bytes the most that passes
        /// @return this edge
        public Edge cap(Bytes bytes) {
            cap = Optional.of(bytes);
            return this;
        }

        /// Keeps what goes over the edge for [PipelineResult#transcript()], up to a size: the first
        /// bytes are kept. Each entry counts 16 bytes beside its own. By default nothing is kept.
        ///
        /// @param most how much is kept, at most 1 GiB
        /// @return this edge
        /// @throws IllegalArgumentException if it is more than 1 GiB
        public Edge transcript(Bytes most) {
            if (most.compareTo(Bytes.gibibytes(1)) > 0) {
                throw new IllegalArgumentException("a transcript must be <= 1 GiB, was " + most);
            }
            transcript = Optional.of(most);
            return this;
        }

        /// Hands what goes over the edge to a sink, as it goes.
        ///
        /// @param taker the sink
        /// @return this edge
        public Edge sink(TranscriptSink taker) {
            sink = Optional.of(taker);
            return this;
        }

        private PlannedEdge plan(String from, String to) {
            return new PlannedEdge(
                    new PipelineEdge(from, output, to, input), cap, transcript, sink);
        }
    }

    /// Collects stages and edges. Not thread-safe.
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofDays(1);
        private static final Duration SHORTEST = Duration.ofMillis(10);

        private final Map<String, Stage> stages = new LinkedHashMap<>();
        private final Map<PipelineEdge, PlannedEdge> edges = new LinkedHashMap<>();
        private Optional<Duration> deadlockAfter = Optional.of(Duration.ofMillis(500));
        private @Nullable SandboxProvider provider;

        private Builder() {}

        /// Adds a command.
        ///
        /// @param name what it is called here: printable and not empty
        /// @param sandbox where it runs; several stages may have the same one and are separate runs
        /// @param command what to run
        /// @return this builder
        /// @throws IllegalArgumentException if there is a stage of this name, or a stream of the
        ///   command is a pipe to the caller
        public Builder stage(String name, Sandbox sandbox, Command command) {
            Texts.printable("the name of a stage", name);
            if (name.isEmpty()) {
                throw new IllegalArgumentException("the name of a stage must not be empty");
            }
            Objects.requireNonNull(sandbox, "sandbox");
            Sandbox.unattended(command);
            if (stages.putIfAbsent(name, new Stage(name, sandbox, command)) != null) {
                throw new IllegalArgumentException("there is a stage \"" + name + "\" already");
            }
            return this;
        }

        /// Lets one stage read from standard input what another writes to standard output.
        ///
        /// @param from the stage that writes
        /// @param to the stage that reads
        /// @return this builder
        /// @throws IllegalArgumentException if there is no such stage, or one of the two ends is
        ///   connected already
        public Builder connect(String from, String to) {
            return connect(from, to, edge -> edge);
        }

        /// Lets one stage read what another writes, as in `connect("a", "b", edge ->
        /// edge.cap(Bytes.mebibytes(1)))`.
        ///
        /// @param from the stage that writes
        /// @param to the stage that reads
        /// @param settings sets descriptors, cap, transcript and sink
        /// @return this builder
        /// @throws IllegalArgumentException if there is no such stage, or one of the two ends is
        ///   connected already or set in its command
        public Builder connect(String from, String to, UnaryOperator<Edge> settings) {
            PlannedEdge planned = settings.apply(new Edge()).plan(from, to);
            PipelineEdge edge = planned.edge();
            checkEnd(from, edge.output(), "output");
            checkEnd(to, edge.input(), "input");
            edges.put(edge, planned);
            return this;
        }

        /// Changes an edge that is there, for example one of [Pipeline#dialogue].
        ///
        /// @param from the stage that writes to standard output
        /// @param to the stage that reads from standard input
        /// @param settings sets cap, transcript and sink; what was set before is forgotten
        /// @return this builder
        /// @throws IllegalArgumentException if there is no such edge, or a descriptor is changed
        public Builder edge(String from, String to, UnaryOperator<Edge> settings) {
            PlannedEdge planned = settings.apply(new Edge()).plan(from, to);
            if (edges.replace(planned.edge(), planned) == null) {
                throw new IllegalArgumentException(
                        "there must be an edge %s, were %s"
                                .formatted(planned.edge(), edges.keySet()));
            }
            return this;
        }

        /// Connects each stage with the one that was added after it.
        ///
        /// @return this builder
        public Builder connectAll() {
            List<String> names = new ArrayList<>(stages.keySet());
            for (int i = 1; i < names.size(); i++) {
                connect(names.get(i - 1), names.get(i));
            }
            return this;
        }

        /// Ends the pipeline when all stages have been waiting for each other for so long: the
        /// outcome is [PipelineOutcome.Deadlocked]. The default is 500 ms. Where the host cannot
        /// tell what threads wait for, [Pipeline#start()] throws a [SandboxUnavailableException];
        /// see [#ignoreDeadlocks()].
        ///
        /// It is never more than that waiting: see [PipelineOutcome.Deadlocked] for what is proven.
        /// Two looks at all threads are needed, so it takes up to twice the time. Not proven, and
        /// left to the limits of the sandboxes, is a deadlock of a stage with a thread that wakes
        /// up from time to time (Java, Go), that could be woken by `SIGALRM` or a timer, that waits
        /// on a socket, or whose policy asks the JVM about system calls. What is not seen: an
        /// alarm(2) that would end the program.
        ///
        /// @param patience 10 ms to 1 day
        /// @return this builder
        /// @throws IllegalArgumentException if it is shorter or longer
        public Builder deadlockAfter(Duration patience) {
            if (patience.compareTo(SHORTEST) < 0 || patience.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "deadlockAfter must be 10 ms to 1 day, was "
                                + Units.formatDuration(patience));
            }
            deadlockAfter = Optional.of(patience);
            return this;
        }

        /// Does not look for deadlocks: they last until a limit of a sandbox ends them.
        ///
        /// @return this builder
        public Builder ignoreDeadlocks() {
            deadlockAfter = Optional.empty();
            return this;
        }

        Builder provider(SandboxProvider other) {
            provider = other;
            return this;
        }

        /// {@return the pipeline}
        ///
        /// @throws IllegalArgumentException if there are less than two stages, or one of them has
        ///   no edge
        public Pipeline build() {
            if (stages.size() < 2) {
                throw new IllegalArgumentException(
                        "a pipeline needs two stages or more, has " + stages.keySet());
            }
            Set<String> connected = new HashSet<>();
            for (PipelineEdge edge : edges.keySet()) {
                connected.add(edge.from());
                connected.add(edge.to());
            }
            for (String name : stages.keySet()) {
                if (!connected.contains(name)) {
                    throw new IllegalArgumentException("stage \"" + name + "\" has no edge");
                }
            }
            // That of the first stage: the ends of a pipe are of no use to another provider.
            SandboxProvider ofStages = stages.values().iterator().next().sandbox().provider();
            return new Pipeline(this, provider == null ? ofStages : provider);
        }

        private void checkEnd(String name, int number, String what) {
            Stage stage = stages.get(name);
            if (stage == null) {
                throw new IllegalArgumentException(
                        "there must be a stage \"%s\", were %s"
                                .formatted(Texts.visible(name), stages.keySet()));
            }
            Command command = stage.command();
            boolean set =
                    switch (number) {
                        case 0 -> command.stdin().isPresent();
                        case 1 -> command.stdout().isPresent();
                        case 2 -> command.stderr().isPresent();
                        default -> command.descriptors().containsKey(number);
                    };
            if (set) {
                throw new IllegalArgumentException(
                        "descriptor %d of stage \"%s\" is set in its command already"
                                .formatted(number, name));
            }
            for (PipelineEdge edge : edges.keySet()) {
                if (edge.from().equals(name) && edge.output() == number
                        || edge.to().equals(name) && edge.input() == number) {
                    throw new IllegalArgumentException(
                            "%s %d of stage \"%s\" is taken by the edge %s"
                                    .formatted(what, number, name, edge));
                }
            }
        }
    }

    /// The edges as a provider knows them.
    static List<Plumbing.Edge> plumbed(List<Stage> stages, List<PlannedEdge> edges) {
        List<String> names = stages.stream().map(Stage::name).toList();
        return edges.stream()
                .map(planned -> {
                    PipelineEdge edge = planned.edge();
                    return new Plumbing.Edge(
                            edge.toString(),
                            names.indexOf(edge.from()),
                            edge.output(),
                            names.indexOf(edge.to()),
                            edge.input(),
                            planned.relayed(),
                            planned.recorded());
                })
                .toList();
    }
}
