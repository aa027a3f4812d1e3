package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Measures what a user of a warm pool waits for, step by step and against a run: the lease, the
/// command, the return; and what the pool does meanwhile: resets, and openings where each sandbox
/// is used once. Between the rounds it is idle, so that its own work is not waited for.
public final class Pools {

    private static final long SETTLE_MILLIS = 40;

    private Pools() {}

    /// Runs the bench.
    ///
    /// @param args rounds (default 300) and warm-up rounds (default 700)
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        int warmUp = args.length > 1 ? Integer.parseInt(args[1]) : 700;
        Map<String, long[]> times = new LinkedHashMap<>();
        try (Sandbox sandbox = Sandbox.builder().build();
                SandboxPool reset = SandboxPool.of(sandbox).size(2).build();
                SandboxPool renewed = SandboxPool.of(sandbox).size(2).uses(1).build()) {
            for (int round = -warmUp; round < rounds; round++) {
                if (round >= 0) {
                    Thread.sleep(SETTLE_MILLIS);
                }
                long start = System.nanoTime();
                Main.sandboxed(sandbox);
                add(times, "Sandbox.run", round, rounds, start);
                use(reset, "reset", times, round, rounds);
                use(renewed, "used once", times, round, rounds);
            }
            System.out.printf("%-28s %10s %10s %10s%n", "", "median", "p90", "longest");
            times.forEach((name, values) -> {
                Arrays.sort(values);
                System.out.printf(
                        "%-28s %7d µs %7d µs %7d µs%n",
                        name,
                        values[rounds / 2] / 1000,
                        values[rounds * 9 / 10] / 1000,
                        values[rounds - 1] / 1000);
            });
            mean("a reset", reset.statistics().resetTime());
            mean("an opening", renewed.statistics().openingTime());
            System.out.println(reset.statistics());
        }
    }

    private static void use(
            SandboxPool pool, String name, Map<String, long[]> times, int round, int rounds)
            throws InterruptedException {
        if (round >= 0) {
            Thread.sleep(SETTLE_MILLIS);
        }
        long start = System.nanoTime();
        SandboxPool.Lease lease = pool.lease();
        add(times, name + ": lease()", round, rounds, start);
        try {
            start = System.nanoTime();
            Main.checked(lease.run(Command.of(Main.TRUE)));
            add(times, name + ": the command", round, rounds, start);
        } finally {
            start = System.nanoTime();
            lease.close();
            add(times, name + ": Lease.close()", round, rounds, start);
        }
    }

    private static void add(
            Map<String, long[]> times, String name, int round, int rounds, long start) {
        long nanos = System.nanoTime() - start;
        if (round >= 0) {
            times.computeIfAbsent(name, key -> new long[rounds])[round] = nanos;
        }
    }

    private static void mean(String what, SandboxPool.Times times) {
        System.out.printf(
                "%s in the background: %d µs in the mean, %d of them%n",
                what, times.mean().toNanos() / 1000, times.count());
    }
}
