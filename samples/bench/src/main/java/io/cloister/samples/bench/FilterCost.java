package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures what the filters of the profiles cost the program, against no filter at all: a loop of
/// one system call, compiled by gcc, and `find /usr`.
public final class FilterCost {

    private static final double GOAL = 1.05;
    private static final String UNFILTERED = SyscallProfile.UNFILTERED.label();

    /// A filter that opens every call there is: what the kernel takes for any filter.
    private static final String LEAST = "least filter";

    /// Makes one call many times, and prints how long one took: nanoseconds of processor time.
    private static final String LOOP =
            """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <time.h>
            #include <unistd.h>

            static double now(void) {
                struct timespec t;
                clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
                return t.tv_sec * 1e9 + t.tv_nsec;
            }

            int main(int argc, char **argv) {
                long count = atol(argv[2]);
                int decided = argv[1][0] == 'f';
                double start = now();
                if (decided) for (long i = 0; i < count; i++) syscall(SYS_fcntl, 0, F_GETFD);
                else for (long i = 0; i < count; i++) syscall(SYS_getpid);
                printf("%.2f\\n", (now() - start) / count);
                return 0;
            }
            """;

    private FilterCost() {}

    /// Measures one round under a profile: one or more figures.
    @FunctionalInterface
    private interface Round {
        double[] measure(Sandbox sandbox) throws InterruptedException;
    }

    /// Runs the bench.
    ///
    /// @param args rounds (default 20) and calls of a loop (default 2000000)
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        String calls = args.length > 1 ? args[1] : "2000000";
        Path directory = Files.createTempDirectory("filter-cost");
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Map<String, Sandbox> sandboxes = sandboxes(compile(directory));
            System.out.printf("%-24s %12s %10s %8s%n", "", "", "median", "ratio");
            measure(List.of("getpid, ns"), rounds, sandboxes, s -> loop(s, "getpid", calls));
            measure(List.of("fcntl, ns"), rounds, sandboxes, s -> loop(s, "fcntl", calls));
            measure(
                    List.of("find /usr, wall ms", "find /usr, processor ms"),
                    rounds,
                    sandboxes,
                    FilterCost::find);
            sandboxes.values().forEach(Sandbox::close);
        } finally {
            Files.deleteIfExists(directory.resolve("loop"));
            Files.deleteIfExists(directory.resolve("loop.c"));
            Files.deleteIfExists(directory);
        }
    }

    private static Path compile(Path directory) throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve("loop.c"), LOOP);
        Path program = directory.resolve("loop");
        List<String> words =
                List.of("gcc", "-O2", "-static", "-o", program.toString(), source.toString());
        int code = new ProcessBuilder(words).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException(words + " ended with " + code);
        }
        return program;
    }

    private static Map<String, Sandbox> sandboxes(Path loop) {
        Map<String, Sandbox> sandboxes = new LinkedHashMap<>();
        for (SyscallProfile profile : SyscallProfile.values()) {
            sandboxes.put(profile.label(), sandbox(loop, profile.policy()));
        }
        sandboxes.put(LEAST, sandbox(loop, SyscallPolicy.of(SyscallAction.ALLOW)));
        return sandboxes;
    }

    private static Sandbox sandbox(Path loop, SyscallPolicy policy) {
        return Sandbox.builder().readOnly(loop, "/loop").syscalls(policy).build();
    }

    /// One round under each profile in turn, each round from another one on, so that a change of
    /// the host's speed hits all. A ratio is the median of those of the rounds.
    private static void measure(
            List<String> figures, int rounds, Map<String, Sandbox> sandboxes, Round round)
            throws InterruptedException {
        List<String> order = new ArrayList<>(sandboxes.keySet());
        Map<String, double[][]> times = new LinkedHashMap<>();
        for (String profile : order) {
            times.put(profile, new double[figures.size()][rounds]);
            round.measure(sandboxes.get(profile));
        }
        for (int i = 0; i < rounds; i++) {
            for (String profile : order) {
                double[] found = round.measure(sandboxes.get(profile));
                for (int f = 0; f < found.length; f++) {
                    times.get(profile)[f][i] = found[f];
                }
            }
            Collections.rotate(order, 1);
        }
        for (int f = 0; f < figures.size(); f++) {
            report(figures.get(f), f, times);
        }
    }

    private static void report(String figure, int f, Map<String, double[][]> times) {
        double[] base = times.get(UNFILTERED)[f];
        times.forEach((profile, values) -> {
            double[] ratios = new double[base.length];
            for (int i = 0; i < base.length; i++) {
                ratios[i] = values[f][i] / base[i];
            }
            double ratio = median(ratios);
            boolean judged = figure.contains("find") && !profile.equals(UNFILTERED);
            System.out.printf(
                    "%-24s %12s %10.2f %8.3f%s%n",
                    figure,
                    profile,
                    median(values[f]),
                    ratio,
                    !judged ? "" : ratio <= GOAL ? "  reached" : "  MISSED: the goal is " + GOAL);
        });
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double[] loop(Sandbox sandbox, String call, String calls)
            throws InterruptedException {
        SandboxResult result = sandbox.run(Command.of("/loop", call, calls));
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IllegalStateException(result.toString());
        }
        return new double[] {Double.parseDouble(result.stdoutText().strip())};
    }

    private static double[] find(Sandbox sandbox) throws InterruptedException {
        long start = System.nanoTime();
        SandboxResult result = sandbox.run(Command.of("find", "/usr").stdout(Output.discard()));
        double wall = System.nanoTime() - start;
        // 1 if there is a directory that only root may enter.
        if (!(result.outcome() instanceof Outcome.Exited(int code)) || code > 1) {
            throw new IllegalStateException(result.toString());
        }
        double processor = result.usage().cpuTime().orElseThrow().toNanos();
        return new double[] {wall / 1e6, processor / 1e6};
    }
}
