package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSession;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Measures many live sessions in one JVM: what each takes of its heap, of threads, and of memory
/// for processes, and how long a command in one of them takes while the others are there.
public final class ManySessions {

    private static final int SETTLE_MILLIS = 2;

    private ManySessions() {}

    /// Runs the bench.
    ///
    /// @param args how many sessions (default 1000), commands in each measurement (default 1000)
    public static void main(String[] args) throws Exception {
        int most = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        int commands = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        List<SandboxSession> sessions = new ArrayList<>();
        try (Sandbox sandbox = Sandbox.builder().build()) {
            open(sandbox, sessions, 10);
            measure(sessions, 3 * commands);
            Used before = Used.now();
            Times few = measure(sessions, commands);
            few.print(sessions.size());
            long start = System.nanoTime();
            open(sandbox, sessions, most);
            System.out.printf(
                    "opened %d more in %.1f s%n", most - 10, (System.nanoTime() - start) / 1e9);
            measure(sessions, most);
            Times many = measure(sessions, commands);
            many.print(sessions.size());
            Used.now().print(before, most - 10);
            System.out.printf(
                    "p99 at %d / median at 10 = %.2f (goal: at most 3)%n",
                    most, many.at(0.99) / few.at(0.5));
        }
    }

    private static void open(Sandbox sandbox, List<SandboxSession> sessions, int count) {
        while (sessions.size() < count) {
            sessions.add(sandbox.open());
        }
    }

    /// Commands in one session after the other.
    private static Times measure(List<SandboxSession> sessions, int commands) throws Exception {
        long[] nanos = new long[commands];
        for (int i = 0; i < commands; i++) {
            Thread.sleep(SETTLE_MILLIS);
            long start = System.nanoTime();
            Main.checked(sessions.get(i % sessions.size()).run(Command.of(Main.TRUE)));
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return new Times(nanos);
    }

    private record Times(long[] sorted) {

        private double at(double quantile) {
            return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))]
                    / 1000.0;
        }

        private void print(int sessions) {
            System.out.printf(
                    "%5d sessions: p50 %.0f µs, p90 %.0f µs, p99 %.0f µs%n",
                    sessions, at(0.5), at(0.9), at(0.99));
        }
    }

    /// What is in use.
    ///
    /// @param heap bytes of the JVM's heap
    /// @param threads threads of the JVM
    /// @param processes processes that the JVM has started, or those have
    /// @param memory bytes of memory that are theirs alone, shared ones by their share
    /// @param kernel bytes of memory that the kernel cannot give back
    private record Used(long heap, long threads, long processes, long memory, long kernel) {

        private static Used now() throws Exception {
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(100);
            }
            Runtime runtime = Runtime.getRuntime();
            List<ProcessHandle> processes = ProcessHandle.current().descendants().toList();
            long memory = 0;
            for (ProcessHandle process : processes) {
                memory += proportional(process.pid()).orElse(0L);
            }
            return new Used(
                    runtime.totalMemory() - runtime.freeMemory(),
                    field(Path.of("/proc/self/status"), "Threads:"),
                    processes.size(),
                    memory,
                    1024
                            * (field(Path.of("/proc/meminfo"), "SUnreclaim:")
                                    + field(Path.of("/proc/meminfo"), "PageTables:")
                                    + field(Path.of("/proc/meminfo"), "KernelStack:")));
        }

        private static Optional<Long> proportional(long pid) throws IOException {
            try {
                return Optional.of(1024 * field(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:"));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        private static long field(Path file, String name) throws IOException {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()).replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(0);
        }

        private void print(Used before, int sessions) {
            System.out.printf(
                    "each session: %.1f KiB of heap, %.1f processes with %.1f KiB, %.1f KiB of"
                            + " kernel memory; threads: %d, then %d%n",
                    kibibytes(heap - before.heap, sessions),
                    (processes - before.processes) / (double) sessions,
                    kibibytes(memory - before.memory, sessions),
                    kibibytes(kernel - before.kernel, sessions),
                    before.threads,
                    threads);
        }

        private static double kibibytes(long bytes, int sessions) {
            return bytes / 1024.0 / sessions;
        }
    }
}
