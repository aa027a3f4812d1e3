package io.cloister.samples.bench;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Measures what the filters of the profiles cost the program, against no filter at all: a loop of
/// one system call, compiled by gcc, and `find /usr`.
public final class FilterCost {

    private static final double GOAL = 1.05;

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

    /// Measures one round under a profile.
    @FunctionalInterface
    private interface Round {
        double measure(Sandbox sandbox) throws InterruptedException;
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
            Map<SyscallProfile, Sandbox> sandboxes = sandboxes(compile(directory));
            System.out.printf("%-34s %10s %12s %8s%n", "", "", "median", "ratio");
            measure("getpid", "ns", rounds, sandboxes, s -> loop(s, "getpid", calls));
            measure("fcntl, by arguments", "ns", rounds, sandboxes, s -> loop(s, "fcntl", calls));
            measure("find /usr, wall time", "ms", rounds, sandboxes, s -> find(s, false));
            measure("find /usr, processor time", "ms", rounds, sandboxes, s -> find(s, true));
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

    private static Map<SyscallProfile, Sandbox> sandboxes(Path loop) {
        Map<SyscallProfile, Sandbox> sandboxes = new EnumMap<>(SyscallProfile.class);
        for (SyscallProfile profile : SyscallProfile.values()) {
            sandboxes.put(
                    profile,
                    Sandbox.builder().readOnly(loop, "/loop").syscalls(profile.policy()).build());
        }
        return sandboxes;
    }

    /// One round under each profile in turn, so that a change of the host's speed hits all.
    private static void measure(
            String what,
            String unit,
            int rounds,
            Map<SyscallProfile, Sandbox> sandboxes,
            Round round)
            throws InterruptedException {
        Map<SyscallProfile, double[]> times = new EnumMap<>(SyscallProfile.class);
        for (SyscallProfile profile : sandboxes.keySet()) {
            times.put(profile, new double[rounds]);
            round.measure(sandboxes.get(profile));
        }
        for (int i = 0; i < rounds; i++) {
            for (SyscallProfile profile : sandboxes.keySet()) {
                times.get(profile)[i] = round.measure(sandboxes.get(profile));
            }
        }
        double base = median(times.get(SyscallProfile.UNFILTERED));
        times.forEach((profile, values) -> {
            double ratio = median(values) / base;
            boolean judged = what.contains("find") && profile != SyscallProfile.UNFILTERED;
            System.out.printf(
                    "%-34s %10s %9.2f %s %8.3f%s%n",
                    what,
                    profile.label(),
                    median(values),
                    unit,
                    ratio,
                    !judged ? "" : ratio <= GOAL ? "  reached" : "  MISSED: goal is 1.05");
        });
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double loop(Sandbox sandbox, String call, String calls)
            throws InterruptedException {
        SandboxResult result = sandbox.run(Command.of("/loop", call, calls));
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IllegalStateException(result.toString());
        }
        return Double.parseDouble(result.stdoutText().strip());
    }

    private static double find(Sandbox sandbox, boolean processor) throws InterruptedException {
        long start = System.nanoTime();
        SandboxResult result = sandbox.run(Command.of("find", "/usr").stdout(Output.discard()));
        double wall = System.nanoTime() - start;
        // 1 if there is a directory that only root may enter.
        if (!(result.outcome() instanceof Outcome.Exited(int code)) || code > 1) {
            throw new IllegalStateException(result.toString());
        }
        return (processor ? result.usage().cpuTime().orElseThrow().toNanos() : wall) / 1e6;
    }
}
