package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxSession;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Measures how many launches of /usr/bin/true a second there are, and how long each takes, with
/// several threads that launch without a pause: ProcessBuilder, bubblewrap, a sandbox for each, one
/// session for all, and a pool.
public final class Parallel {

    private static final int POOL = 8;
    private static final int WARM_UP = 6000;

    private Parallel() {}

    /// Runs the bench.
    ///
    /// @param args launches in each measurement (default 2000), then numbers of threads (default 1
    ///   2 8 32 128), then the name of a file for a plot (default none)
    public static void main(String[] args) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(args));
        Optional<Path> plot =
                arguments.stream().filter(a -> a.endsWith(".svg")).findFirst().map(Path::of);
        arguments.removeIf(a -> a.endsWith(".svg"));
        int launches = arguments.isEmpty() ? 2000 : Integer.parseInt(arguments.getFirst());
        List<Integer> threads = new ArrayList<>();
        arguments.stream().skip(1).map(Integer::valueOf).forEach(threads::add);
        if (threads.isEmpty()) {
            threads.addAll(List.of(1, 2, 8, 32, 128));
        }
        try (Sandbox sandbox = Sandbox.builder().build();
                SandboxSession session = sandbox.open();
                SandboxPool pool = SandboxPool.of(sandbox).size(POOL).build()) {
            Map<String, Callable<?>> ways = new LinkedHashMap<>();
            ways.put("ProcessBuilder", () -> Main.process(List.of(Main.TRUE)));
            if (Files.isExecutable(Path.of(Main.BWRAP))) {
                ways.put("bubblewrap", () -> Main.process(Main.bubblewrap()));
            }
            ways.put("Cloister", () -> Main.sandboxed(sandbox));
            ways.put("Cloister, session", () -> Main.checked(session.run(Command.of(Main.TRUE))));
            ways.put("Cloister, pool", () -> Main.checked(pool.run(Command.of(Main.TRUE))));
            // The JVM compiles for long: what it has compiled in the end is what a server runs.
            for (Callable<?> way : ways.values()) {
                measure(way, WARM_UP, POOL);
            }
            Map<String, List<Double>> rates = new LinkedHashMap<>();
            System.out.printf(
                    "%7s %-16s %10s %9s %9s %9s   ratio%n",
                    "threads", "", "launches/s", "p50 µs", "p90 µs", "p99 µs");
            for (int count : threads) {
                double base = 0;
                for (Map.Entry<String, Callable<?>> way : ways.entrySet()) {
                    Result result = measure(way.getValue(), launches, count);
                    base = base == 0 ? result.rate() : base;
                    rates.computeIfAbsent(way.getKey(), _ -> new ArrayList<>()).add(result.rate());
                    System.out.printf(
                            "%7d %-16s %10.0f %9.0f %9.0f %9.0f   %.2f%n",
                            count,
                            way.getKey(),
                            result.rate(),
                            result.at(0.5),
                            result.at(0.9),
                            result.at(0.99),
                            result.rate() / base);
                }
            }
            System.out.println(pool.statistics());
            if (plot.isPresent()) {
                Plot.write(plot.get(), threads, rates);
            }
        }
    }

    private record Result(double rate, long[] nanos) {
        private double at(double quantile) {
            return nanos[(int) Math.min(nanos.length - 1L, (long) (nanos.length * quantile))]
                    / 1000.0;
        }
    }

    private static Result measure(Callable<?> way, int launches, int threads) throws Exception {
        long[] nanos = new long[launches / threads * threads];
        long start = System.nanoTime();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int first = i * (launches / threads);
                futures.add(
                        executor.submit(() -> {
                            for (int j = 0; j < launches / threads; j++) {
                                long begin = System.nanoTime();
                                way.call();
                                nanos[first + j] = System.nanoTime() - begin;
                            }
                            return null;
                        }));
            }
            for (Future<Void> future : futures) {
                future.get();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Arrays.sort(nanos);
        return new Result(nanos.length / seconds, nanos);
    }
}
