package io.cloister.sandbox.linux.standstill;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.VisibleText;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides whether stages of a pipeline wait for each other for ever.
///
/// Two looks at all threads that are equal say: from the end of the first to the beginning of the
/// second all of them slept. If each waits only for what one of them could do, and in that time the
/// host had nothing to pass on either, then nobody is left who could do anything.
///
/// That a pipe is empty or full follows: the kernel wakes who waits for it with the byte that is
/// written or read, and a thread that was woken does not sleep.
public final class Standstill {

    private static final String PIPE = "pipe:[";
    private static final String EVENTFD = "anon_inode:[eventfd]";

    private Standstill() {}

    /// What is known of the pipes.
    ///
    /// @param edges the inodes of the pipes of each edge, to its name
    /// @param outside the inodes of pipes that lead to the host or to somebody else
    public record Pipes(Map<Long, String> edges, Set<Long> outside) {
        /// Copies both.
        public Pipes {
            edges = Map.copyOf(edges);
            outside = Set.copyOf(outside);
        }
    }

    /// The answer.
    public sealed interface Verdict {
        /// Nobody can ever go on.
        ///
        /// @param evidence what each thread waits for
        record Stuck(List<Evidence> evidence) implements Verdict {}

        /// Somebody may go on, or it cannot be told.
        ///
        /// @param why what stands against a standstill
        record Open(String why) implements Verdict {}
    }

    /// Decides.
    ///
    /// @param names the names of all stages
    /// @param running the stages that have not ended
    /// @param before all threads of these, at the first look
    /// @param after the same, at the second look
    /// @param quiet whether the host had nothing to pass on, asked between the looks
    public static Verdict judge(
            List<String> names,
            Set<Integer> running,
            List<ThreadLook> before,
            List<ThreadLook> after,
            boolean quiet,
            Pipes pipes) {
        if (!quiet) {
            return open("the host has bytes to pass on");
        }
        Set<Integer> waiting = new HashSet<>();
        for (ThreadLook thread : after) {
            Optional<String> reason = reasonToGoOn(thread, pipes);
            if (reason.isPresent()) {
                return open(describe(names, thread) + " " + reason.get());
            }
            if (waitsForAnEdge(thread.waitsFor(), pipes)) {
                waiting.add(thread.stage());
            }
        }
        for (int stage : running) {
            if (!waiting.contains(stage)) {
                return open("stage " + names.get(stage) + " waits for no edge");
            }
        }
        if (running.isEmpty() || !before.equals(after)) {
            return open(running.isEmpty() ? "no stage runs" : "a thread has run");
        }
        return new Verdict.Stuck(evidence(names, after, pipes));
    }

    private static Verdict open(String why) {
        return new Verdict.Open(why);
    }

    private static Optional<String> reasonToGoOn(ThreadLook thread, Pipes pipes) {
        if (!thread.asleep()) {
            return Optional.of("does not sleep");
        }
        if (thread.alarmable()) {
            return Optional.of("may be woken by a timer");
        }
        return switch (thread.waitsFor()) {
            case Wait.Unknown(var why) -> Optional.of(why);
            case Wait.ForOthers _ -> Optional.empty();
            case Wait.ForFiles(var call, var spots) ->
                    spots.stream()
                            .filter(spot -> !isOurs(spot.file(), pipes))
                            .map(spot -> "waits in %s() for %s".formatted(call, shown(spot)))
                            .findFirst();
        };
    }

    /// A pipe that is neither an edge nor known to lead elsewhere was made inside.
    private static boolean isOurs(String file, Pipes pipes) {
        return file.equals(EVENTFD)
                || inode(file).filter(inode -> !pipes.outside().contains(inode)).isPresent();
    }

    private static Optional<Long> inode(String file) {
        return file.startsWith(PIPE) && file.endsWith("]")
                ? Optional.of(Long.parseLong(file.substring(PIPE.length(), file.length() - 1)))
                : Optional.empty();
    }

    private static boolean waitsForAnEdge(Wait wait, Pipes pipes) {
        return wait instanceof Wait.ForFiles(var _, var spots)
                && spots.stream()
                        .anyMatch(spot ->
                                inode(spot.file()).filter(pipes.edges()::containsKey).isPresent());
    }

    private static List<Evidence> evidence(
            List<String> names, List<ThreadLook> threads, Pipes pipes) {
        List<Evidence> evidence = new ArrayList<>();
        for (ThreadLook thread : threads) {
            String what =
                    switch (thread.waitsFor()) {
                        case Wait.ForFiles(var call, var spots) ->
                                call
                                        + "() on "
                                        + String.join(
                                                ", ",
                                                spots.stream()
                                                        .map(spot -> shown(spot, pipes))
                                                        .toList());
                        case Wait.ForOthers(var call) -> call + "() on the others of its sandbox";
                        case Wait.Unknown(var why) -> why;
                    };
            evidence.add(
                    new Evidence(
                            "/proc/%d/task/%d/syscall".formatted(thread.pid(), thread.tid()),
                            describe(names, thread) + " sleeps in " + what));
        }
        return evidence;
    }

    private static String describe(List<String> names, ThreadLook thread) {
        return "stage %s, %s (%d)"
                .formatted(
                        names.get(thread.stage()),
                        VisibleText.line(thread.program()),
                        thread.tid());
    }

    private static String shown(Wait.Spot spot, Pipes pipes) {
        Optional<String> edge =
                inode(spot.file())
                        .filter(pipes.edges()::containsKey)
                        .map(inode -> "edge " + pipes.edges().get(inode));
        return edge.map(name -> "descriptor " + spot.descriptor() + " (" + name + ")")
                .orElseGet(() -> shown(spot));
    }

    private static String shown(Wait.Spot spot) {
        return "descriptor %d (%s)".formatted(spot.descriptor(), VisibleText.line(spot.file()));
    }
}
