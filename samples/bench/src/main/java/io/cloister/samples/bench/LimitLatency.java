package io.cloister.samples.bench;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;

import java.time.Duration;
import java.util.Arrays;
import java.util.LongSummaryStatistics;

/// Measures how long it takes from the moment a limit is broken until Java has the result, for each
/// way to break one.
///
/// The programs are Python's. Each prints the time to standard error just before it may break the
/// limit; what is bounded by time alone is measured from the start.
public final class LimitLatency {

    private static final Duration TIME = Duration.ofMillis(300);
    private static final Duration GOAL = Duration.ofMillis(200);

    /// Which of the times that a program printed is that of the breach.
    private enum Breach {
        LAST,
        FIRST,
        START_AND_TIME
    }

    /// A way to break a limit. Each is bounded, limit or no limit.
    private record Hog(String name, Limit limit, Breach breach, String script) {

        /// Takes memory in up to `count` steps.
        static Hog memory(String name, int count, String start, String step) {
            String loop = "for i in range(%d):\n  stamp()\n  %s".formatted(count, step);
            return new Hog(name, Limit.MEMORY, Breach.LAST, start + "\n" + loop);
        }

        static Hog once(String name, Limit limit, String script) {
            return new Hog(name, limit, Breach.FIRST, script);
        }

        static Hog timed(String name, Limit limit, String script) {
            return new Hog(name, limit, Breach.START_AND_TIME, script);
        }
    }

    private static final String PRELUDE =
            """
            import ctypes, fcntl, mmap, os, signal, socket, sys, threading, time
            MIB = 1 << 20
            block = b'x' * MIB
            keep = []
            signal.alarm(20)
            def stamp():
                os.write(2, b'%d\\n' % time.monotonic_ns())
            """;

    private static final Hog[] HOGS = {
        Hog.memory("heap", 128, "", "keep.append(bytearray(block))"),
        Hog.memory(
                "shared mapping",
                128,
                "m = mmap.mmap(-1, 128 * MIB)",
                "m[i * MIB:(i + 1) * MIB] = block"),
        Hog.memory("file in memory", 128, "f = open('/data/x', 'wb', 0)", "f.write(block)"),
        Hog.memory("memfd", 128, "f = os.memfd_create('hog')", "os.write(f, block)"),
        Hog.memory(
                "System V memory",
                128,
                """
                c = ctypes.CDLL(None)
                c.shmat.restype = ctypes.c_void_p
                c.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
                start = c.shmat(c.shmget(0, 128 * MIB, 0o1600), None, 0)\
                """,
                "ctypes.memset(start + i * MIB, 1, MIB)"),
        Hog.memory(
                "pipes",
                60,
                "",
                """
                r, w = os.pipe2(os.O_NONBLOCK)
                  fcntl.fcntl(w, 1031, MIB)
                  os.write(w, block)\
                """),
        Hog.memory(
                "sockets",
                400,
                "",
                """
                pair = socket.socketpair()
                  keep.append(pair)
                  pair[0].setblocking(False)
                  try:
                    while True: pair[0].send(block[:65536])
                  except BlockingIOError: pass\
                """),
        Hog.memory(
                "page tables",
                64,
                "flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000",
                """
                m = mmap.mmap(-1, 1 << 30, flags=flags, prot=mmap.PROT_READ)
                  keep.append(m)
                  m.madvise(15)
                  for at in range(0, 1 << 30, 2 * MIB): m[at]\
                """),
        Hog.memory(
                "many processes",
                96,
                "",
                """
                if os.fork() == 0:
                    keep.append(bytearray(block))
                    signal.alarm(20)
                    signal.pause()\
                """),
        Hog.once(
                "many forks",
                Limit.PIDS,
                """
                for i in range(1000):
                    try:
                        if os.fork() == 0:
                            signal.alarm(20)
                            signal.pause()
                    except OSError:
                        stamp()
                        time.sleep(0.01)
                """),
        Hog.once(
                "many threads",
                Limit.PIDS,
                """
                try:
                    for i in range(2000):
                        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
                except RuntimeError:
                    stamp()
                    signal.pause()
                """),
        Hog.once(
                "burner",
                Limit.CPU_TIME,
                """
                while time.process_time() < 0.3: pass
                stamp()
                while True: pass
                """),
        Hog.once(
                "disk filler",
                Limit.DISK,
                """
                try:
                    f = open('/tmp/x', 'wb', 0)
                    for i in range(64): f.write(block)
                except OSError:
                    stamp()
                    signal.pause()
                """),
        Hog.once(
                "maker of files",
                Limit.DISK,
                """
                try:
                    for i in range(4000): open('/tmp/%d' % i, 'wb').close()
                except OSError:
                    stamp()
                    signal.pause()
                """),
        Hog.once(
                "flood",
                Limit.OUTPUT,
                """
                for i in range(4): os.write(1, block)
                stamp()
                os.write(1, b'x')
                signal.pause()
                """),
        Hog.timed("sleeper, wall time", Limit.WALL_TIME, "signal.pause()"),
        Hog.timed("sleeper, idle time", Limit.IDLE, "signal.pause()"),
    };

    private LimitLatency() {}

    /// Runs the bench.
    ///
    /// @param args rounds (default 10)
    public static void main(String[] args) throws InterruptedException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        System.out.printf(
                "%-20s %-10s %12s %12s%n", "breach to result", "limit", "median", "longest");
        for (Hog hog : HOGS) {
            try (Sandbox sandbox = limited(hog).build()) {
                measure(sandbox, hog, rounds);
            } catch (SandboxUnavailableException e) {
                System.out.printf(
                        "%-20s %-10s not here: no %s%n", hog.name(), hog.limit(), e.missing());
            }
        }
    }

    private static Sandbox.Builder limited(Hog hog) {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .tmpfs("/data", Bytes.gibibytes(1))
                        .wallTimeLimit(Duration.ofSeconds(30));
        return switch (hog.limit()) {
            case MEMORY -> builder.memoryLimit(Bytes.mebibytes(32));
            case PIDS -> builder.pidsLimit(50);
            case CPU_TIME -> builder.cpuTimeLimit(TIME);
            case DISK -> builder.scratchSize(Bytes.mebibytes(8)).scratchInodes(2000);
            case OUTPUT -> builder.outputLimit(Bytes.mebibytes(4));
            case WALL_TIME -> builder.wallTimeLimit(TIME);
            case IDLE -> builder.idleTimeLimit(TIME);
        };
    }

    private static void measure(Sandbox sandbox, Hog hog, int rounds) throws InterruptedException {
        long[] nanos = new long[rounds];
        for (int round = 0; round < rounds; round++) {
            nanos[round] = latency(sandbox, hog);
        }
        Arrays.sort(nanos);
        LongSummaryStatistics all = Arrays.stream(nanos).summaryStatistics();
        System.out.printf(
                "%-20s %-10s %9.1f ms %9.1f ms  %s%n",
                hog.name(),
                hog.limit(),
                nanos[rounds / 2] / 1e6,
                all.getMax() / 1e6,
                all.getMax() <= GOAL.toNanos() ? "" : "MISSED: at most " + GOAL.toMillis() + " ms");
    }

    /// The clock of System.nanoTime() is the one that Python calls monotonic.
    private static long latency(Sandbox sandbox, Hog hog) throws InterruptedException {
        long start = System.nanoTime();
        SandboxResult result = sandbox.run(Command.of("python3", "-c", PRELUDE + hog.script()));
        long end = System.nanoTime();
        if (!result.outcome().equals(new Outcome.LimitReached(hog.limit()))) {
            throw new IllegalStateException(
                    hog.name() + ": " + result + " " + result.stderrText().lines().toList());
        }
        long[] stamps = result.stderrText().lines().mapToLong(Long::parseLong).toArray();
        return switch (hog.breach()) {
            case LAST -> end - Arrays.stream(stamps).max().orElseThrow();
            case FIRST -> end - Arrays.stream(stamps).min().orElseThrow();
            case START_AND_TIME -> end - start - TIME.toNanos();
        };
    }
}
