package io.cloister.samples.bench;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Pipeline;
import io.cloister.sandbox.PipelineResult;
import io.cloister.sandbox.Sandbox;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Measures how long one byte takes there and back between two sandboxed programs (Python), and how
/// many bytes a second go one way: over the bare pipe, and through the JVM with a cap, a transcript
/// or a sink.
public final class PipeLatency {

    /// Sends a byte and waits for it, each time; prints the median and the 99th percentile, in µs.
    private static final String PING =
            """
            import os, sys, time
            count = int(sys.argv[1])
            clock, read, write = time.perf_counter_ns, os.read, os.write
            for i in range(500): write(1, b'x'); read(0, 1)
            times = []
            for i in range(count):
                start = clock(); write(1, b'x'); read(0, 1); times.append(clock() - start)
            times.sort()
            print('%.1f %.1f' % (times[count // 2] / 1e3, times[count * 99 // 100] / 1e3), file=sys.stderr)
            """;

    private static final String PONG =
            """
            import os
            read, write = os.read, os.write
            while read(0, 1): write(1, b'x')
            """;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long STREAM = 1L << 30;

    private PipeLatency() {}

    /// Runs the bench.
    ///
    /// @param args rounds (default 3) and messages of a round (default 20000)
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        String messages = args.length > 1 ? args[1] : "20000";
        try (Sandbox sandbox = Sandbox.builder().wallTimeLimit(PATIENCE).build()) {
            System.out.printf("%-12s %22s %12s%n", "edge", "there and back, µs", "MiB/s");
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<String, UnaryOperator<Pipeline.Edge>> kind : kinds().entrySet()) {
                    System.out.printf(
                            "%-12s %22s %12.0f%n",
                            kind.getKey(),
                            pingPong(sandbox, kind.getValue(), messages),
                            throughput(sandbox, kind.getValue()));
                }
            }
        }
    }

    private static Map<String, UnaryOperator<Pipeline.Edge>> kinds() {
        Map<String, UnaryOperator<Pipeline.Edge>> kinds = new LinkedHashMap<>();
        kinds.put("bare", edge -> edge);
        kinds.put("cap", edge -> edge.cap(Bytes.gibibytes(2)));
        kinds.put("transcript", edge -> edge.transcript(Bytes.mebibytes(4)));
        kinds.put("sink", edge -> edge.sink(_ -> {}));
        return kinds;
    }

    private static String pingPong(
            Sandbox sandbox, UnaryOperator<Pipeline.Edge> edges, String messages)
            throws InterruptedException {
        PipelineResult result =
                Pipeline.dialogue(
                                "ping",
                                sandbox,
                                Command.of("/usr/bin/python3", "-c", PING, messages),
                                "pong",
                                sandbox,
                                Command.of("/usr/bin/python3", "-c", PONG))
                        .edge("ping", "pong", edges)
                        .edge("pong", "ping", edges)
                        .build()
                        .run();
        if (!result.outcome().isSuccess()) {
            throw new IllegalStateException(result + result.stage("ping").stderrText());
        }
        return result.stage("ping").stderrText().strip();
    }

    private static double throughput(Sandbox sandbox, UnaryOperator<Pipeline.Edge> edges)
            throws InterruptedException {
        PipelineResult result =
                Pipeline.builder()
                        .stage("source", sandbox, head("/dev/zero"))
                        .stage("drain", sandbox, Command.of("/usr/bin/tail", "-c", "1"))
                        .connect("source", "drain", edges)
                        .build()
                        .run();
        if (!result.outcome().isSuccess()) {
            throw new IllegalStateException(result.toString());
        }
        double seconds = result.wallTime().toNanos() / 1e9;
        return STREAM / seconds / (1 << 20);
    }

    private static Command head(String file) {
        return Command.of("/usr/bin/head", "-c", String.valueOf(STREAM), file);
    }
}
