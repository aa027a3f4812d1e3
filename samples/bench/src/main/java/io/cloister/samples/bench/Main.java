package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// Measures a launch of /usr/bin/true until Java knows its exit, in one process and interleaved:
/// plain ProcessBuilder, bubblewrap from ProcessBuilder, a sandbox with everything new, without and
/// with the usual limits on memory, swap, processes and processor time, a command in a session, and
/// a lease of a pool.
public final class Main {

    static final String TRUE = "/usr/bin/true";
    private static final String UNLIMITED = "Cloister without limits";
    private static final String LIMITED = "Cloister";
    private static final String IN_SESSION = "Cloister, in a session";
    private static final String FROM_POOL = "Cloister, from a pool";
    static final String BWRAP = "/usr/bin/bwrap";

    /// What an earlier launch left to do (namespaces to free, the next one to make) is done by
    /// then.
    private static final long SETTLE_MILLIS = 5;

    private Main() {}

    /// Runs the bench.
    ///
    /// @param args rounds (default 300) and warm-up rounds (default 1500)
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        int warmUp = args.length > 1 ? Integer.parseInt(args[1]) : 1500;
        try (Sandbox sandbox = Sandbox.builder().build();
                Sandbox unlimited = unlimited();
                SandboxSession session = sandbox.open();
                SandboxPool pool = SandboxPool.of(sandbox).size(2).build()) {
            Map<String, Callable<?>> ways = new LinkedHashMap<>();
            ways.put("ProcessBuilder", () -> process(List.of(TRUE)));
            if (Files.isExecutable(Path.of(BWRAP))) {
                ways.put("bubblewrap", () -> process(bubblewrap()));
            } else {
                System.out.println("bubblewrap is not installed (Debian package bubblewrap)");
            }
            ways.put(UNLIMITED, () -> sandboxed(unlimited));
            ways.put(LIMITED, () -> sandboxed(sandbox));
            ways.put(IN_SESSION, () -> checked(session.run(Command.of(TRUE))));
            ways.put(FROM_POOL, () -> checked(pool.run(Command.of(TRUE))));
            report(measure(ways, rounds, warmUp));
            throughput(args.length > 2 ? Integer.parseInt(args[2]) : 256);
        }
    }

    /// Without any limit that a control group keeps.
    private static Sandbox unlimited() {
        return Sandbox.builder()
                .unlimitedMemory()
                .unlimitedSwap()
                .unlimitedPids()
                .unlimitedCpuTime()
                .build();
    }

    private static Map<String, long[]> measure(
            Map<String, Callable<?>> ways, int rounds, int warmUp) throws Exception {
        Map<String, long[]> times = new LinkedHashMap<>();
        ways.keySet().forEach(name -> times.put(name, new long[rounds]));
        for (Callable<?> way : ways.values()) {
            for (int round = 0; round < warmUp; round++) {
                way.call();
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Callable<?>> way : ways.entrySet()) {
                Thread.sleep(SETTLE_MILLIS);
                long start = System.nanoTime();
                way.getValue().call();
                times.get(way.getKey())[round] = System.nanoTime() - start;
            }
        }
        return times;
    }

    static int process(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IllegalStateException(command + " ended with " + code);
        }
        process.getInputStream().close();
        process.getErrorStream().close();
        process.getOutputStream().close();
        return code;
    }

    /// What bubblewrap offers that comes nearest to the strict sandbox.
    static List<String> bubblewrap() {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(BWRAP, "--unshare-all", "--die-with-parent", "--new-session"));
        command.addAll(List.of("--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib"));
        command.addAll(List.of("--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin"));
        command.addAll(List.of("--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"));
        command.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"));
        command.addAll(List.of("--cap-drop", "ALL", "--clearenv", "--", TRUE));
        return command;
    }

    static SandboxResult sandboxed(Sandbox sandbox) throws InterruptedException {
        return checked(sandbox.run(Command.of(TRUE)));
    }

    static SandboxResult checked(SandboxResult result) {
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IllegalStateException(result.toString());
        }
        return result;
    }

    private static void report(Map<String, long[]> times) {
        System.out.printf("%-24s %10s %10s %10s   ratio%n", "", "median", "p90", "p99");
        Map<String, Double> medians = new LinkedHashMap<>();
        times.forEach((name, values) -> {
            Arrays.sort(values);
            medians.put(name, at(values, 0.5));
            double base = medians.get("ProcessBuilder");
            System.out.printf(
                    "%-24s %7.0f µs %7.0f µs %7.0f µs   %.2f%n",
                    name,
                    at(values, 0.5),
                    at(values, 0.9),
                    at(values, 0.99),
                    at(values, 0.5) / base);
        });
        ratio(medians, UNLIMITED, "ProcessBuilder", 1.0);
        ratio(medians, UNLIMITED, "bubblewrap", 0.4);
        ratio(medians, LIMITED, UNLIMITED, 1.15);
        ratio(medians, IN_SESSION, "ProcessBuilder", 0.6);
        ratio(medians, FROM_POOL, "ProcessBuilder", 0.55);
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))]
                / 1000.0;
    }

    private static void ratio(Map<String, Double> medians, String what, String base, double goal) {
        if (medians.containsKey(base)) {
            double ratio = medians.get(what) / medians.get(base);
            System.out.printf(
                    "%s / %s = %.2f (goal: at most %.2f) %s%n",
                    what, base, ratio, goal, ratio <= goal ? "reached" : "MISSED");
        }
    }

    /// Bytes through a pipe, against plain plumbing of the same length.
    private static void throughput(int mebibytes) throws Exception {
        long bytes = mebibytes * 1024L * 1024L;
        String producer = "head -c " + bytes + " /dev/zero | cat";
        double plain = 0;
        double ours = 0;
        for (int i = 0; i < 5; i++) {
            plain = Math.max(plain, plumbing(producer, bytes));
            ours = Math.max(ours, streamed(producer, bytes));
        }
        System.out.printf(
                "%d MiB through a pipe: %.0f MiB/s, plumbing of the shell: %.0f MiB/s, ratio %.2f"
                        + " (goal: at least 0.8)%n",
                mebibytes, ours, plain, ours / plain);
    }

    private static double plumbing(String producer, long bytes) throws Exception {
        long start = System.nanoTime();
        Process process = new ProcessBuilder("sh", "-c", producer + " | wc -c").start();
        String count = new String(process.getInputStream().readAllBytes()).strip();
        process.waitFor();
        return rate(Long.parseLong(count), bytes, start);
    }

    private static double streamed(String producer, long bytes) throws Exception {
        try (Sandbox sandbox = Sandbox.builder().unlimitedOutput().build()) {
            long start = System.nanoTime();
            var process = sandbox.start(Command.of("sh", "-c", producer));
            byte[] buffer = new byte[1 << 20];
            long total = 0;
            try (var in = process.getInputStream()) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    total += n;
                }
            }
            process.waitFor();
            return rate(total, bytes, start);
        }
    }

    private static double rate(long got, long wanted, long start) {
        if (got != wanted) {
            throw new IllegalStateException(got + " bytes arrived of " + wanted);
        }
        return got / 1048576.0 / ((System.nanoTime() - start) / 1e9);
    }
}
