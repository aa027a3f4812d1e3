package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.Resettable;
import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.plan.SystemVIds;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.SweepProgram;
import io.cloister.sandbox.linux.program.SweepProgram.Killing;
import io.cloister.sandbox.linux.program.SweepReport;
import io.cloister.sandbox.policy.Bind;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// Makes a sandbox that stays as new for its next user, and proves it: whatever a program can leave
/// behind is removed, or compared with how it was at first. What differs is not mended.
///
/// | what may be left | what is done | what proves it |
/// |---|---|---|
/// | processes | `kill(-1)` from inside | ESRCH: there is nobody else |
/// | files in memory | removed through descriptors | lists, and room of each file system, as at first |
/// | times of writable directories | set to those at first | as at first |
/// | mode, owner, flags, extended attributes of these and of the kernel's directories | nothing | as at first |
/// | System V objects | nothing | the kernel counts none, and the number of a new one is the next |
/// | POSIX message queues | nothing | their list is empty, seen through a mount of the sweep's own |
/// | rlimits, scheduling and signals of the first process, which commands inherit | nothing | as at first |
/// | mounts | nothing | mountinfo as at first |
/// | network | nothing | counters as at first: nothing was ever sent, nor tried |
/// | sockets on their way in sockets | nothing | the number of sockets as at first |
///
/// Host name, clocks, settings and user namespaces cannot be changed from inside; bound sockets,
/// keyrings, locks, timers and watches end with their processes.
final class SessionReset implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionReset.class);

    /// The kernel frees some things a moment after their last process: sockets in sockets.
    private static final int LOOKS = 4;

    private static final long PAUSE_NANOS = 2_000_000;

    /// For the end of the sweep, which has nothing left to do.
    private static final Duration FOR_THE_END = Duration.ofMillis(50);

    /// So many of the entries that differ are named, and so many told to the log.
    private static final int SHOWN = 2;

    private static final int DETAILED = 8;

    private final SandboxRun server;
    private final Zygote zygote;
    private final WritablePlaces places;
    private final boolean hasWritableBinds;
    private Optional<String> never;
    private boolean used;
    private Optional<FirstProcess> process = Optional.empty();
    private boolean closed;
    private Optional<State> first = Optional.empty();
    private SystemVIds ids = new SystemVIds(0, 0, 0);

    /// What can be compared.
    private record State(
            Map<String, StartReport.Room> rooms,
            Map<String, WritablePlaces.Entry> places,
            FirstProcess.Seen process) {}

    /// @param spec what its commands run under
    /// @param mounts how its tree was built
    /// @param user to whom what its commands make belongs on the host
    SessionReset(
            SandboxRun server, Zygote zygote, SandboxSpec spec, MountPlan mounts, FileUser user) {
        this.server = server;
        this.zygote = zygote;
        places = new WritablePlaces(mounts, user);
        // Elsewhere what was renamed is seen by itself.
        hasWritableBinds =
                spec.filesystem().mounts().stream()
                        .anyMatch(mount -> mount instanceof Bind bind && bind.writable());
        never = Resettable.obstacle(spec);
        if (never.isEmpty() && mounts.filesystems().size() == MountPlan.WATCHED) {
            never =
                    Optional.of(
                            "the policy has more file systems in memory than are watched: "
                                    + MountPlan.WATCHED);
        }
    }

    /// Removes what is left, and says what else is different from the first time it was called;
    /// empty: nothing.
    Optional<String> run() {
        return run(EnumSet.allOf(ResetStep.class));
    }

    /// Does these steps, and then looks.
    Optional<String> run(Set<ResetStep> steps) {
        if (never.isPresent()) {
            // What it is like at first does not matter then.
            Optional<String> answer = used ? never : Optional.empty();
            used = true;
            return answer;
        }
        try {
            SweepReport report =
                    sweep(steps.contains(ResetStep.END_PROCESSES) ? Killing.ALL : Killing.NOTHING);
            int root = server.processes().openRoot();
            try {
                if (first.isEmpty()) {
                    return begin(report, look(places.begin(root)));
                }
                return compare(report, root, steps);
            } finally {
                Kernel.close(root);
            }
        } catch (LauncherEndedException e) {
            // It is the first process that takes the requests here.
            return Optional.of(ended().getMessage());
        } catch (SandboxException | IllegalStateException e) {
            return Optional.of(e.toString());
        }
    }

    private Optional<String> begin(SweepReport report, State state) {
        first = Optional.of(state);
        ids = report.ids();
        if (never.isEmpty()) {
            used = true;
            never =
                    places.file(state.places())
                            .map(path ->
                                    "the policy puts a file where commands can change it: /"
                                            + path);
        }
        return message(report.left().stream().map(Finding::of).toList());
    }

    private Optional<String> compare(SweepReport report, int root, Set<ResetStep> steps) {
        List<Finding> different = new ArrayList<>();
        report.left().forEach(left -> different.add(Finding.of(left)));
        if (!ids.isFollowedBy(report.ids())) {
            different.add(
                    Finding.of("System V objects were made: " + ids + ", then " + report.ids()));
        }
        ids = report.ids();
        try {
            different.addAll(restore(root, steps, different.isEmpty()));
        } catch (SandboxException | IllegalStateException e) {
            different.add(Finding.of(e.toString()));
        }
        return message(different);
    }

    /// @param patient whether what differs may still pass
    private List<Finding> restore(int root, Set<ResetStep> steps, boolean patient) {
        State before = first.orElseThrow();
        if (patient && isUntouched(root, before)) {
            return List.of();
        }
        if (steps.contains(ResetStep.REMOVE_FILES)) {
            places.empty(root, before.places());
        }
        List<Finding> seen = differences(before, lookAgain(root, before, steps));
        for (int i = 1; i < LOOKS && patient && !seen.isEmpty(); i++) {
            LockSupport.parkNanos(PAUSE_NANOS << i);
            seen = differences(before, lookAgain(root, before, steps));
        }
        return seen;
    }

    /// Mostly nothing was written at all. Where it was, what was made is not looked at before it is
    /// removed: it may be deep, or closed to its owner.
    private boolean isUntouched(int root, State before) {
        return before.rooms().equals(server.rooms())
                && differences(before, look(places.look(root))).isEmpty();
    }

    /// To look at a directory changes when it was read.
    private State lookAgain(int root, State before, Set<ResetStep> steps) {
        if (steps.contains(ResetStep.RESTORE_TIMES)) {
            places.restoreTimes(root, before.places());
        }
        return look(places.look(root));
    }

    private static Optional<String> message(List<Finding> different) {
        different.forEach(
                finding -> LOG.debug("a reset found a difference: {}", finding.details()));
        return Finding.summary(different);
    }

    private static List<Finding> differences(State before, State now) {
        List<Finding> different = new ArrayList<>();
        if (!before.rooms().equals(now.rooms())) {
            different.add(
                    Finding.of(
                            "room in file systems: was %s, is %s"
                                    .formatted(before.rooms(), now.rooms())));
        }
        entries(before.places(), now.places()).ifPresent(different::add);
        FirstProcess.Seen then = before.process();
        Finding.ofLines("first process", then.process(), now.process().process())
                .ifPresent(different::add);
        Finding.ofLines("mounts", then.mounts(), now.process().mounts()).ifPresent(different::add);
        Finding.ofLines("network", then.network(), now.process().network())
                .ifPresent(different::add);
        return different;
    }

    private static Optional<Finding> entries(
            Map<String, WritablePlaces.Entry> before, Map<String, WritablePlaces.Entry> now) {
        // What is new comes first: it tells most.
        Map<String, WritablePlaces.Entry> all = new LinkedHashMap<>(now);
        all.keySet().removeAll(before.keySet());
        all.putAll(before);
        List<String> paths =
                all.keySet().stream()
                        .filter(path ->
                                !Optional.ofNullable(before.get(path))
                                        .equals(Optional.ofNullable(now.get(path))))
                        .toList();
        if (paths.isEmpty()) {
            return Optional.empty();
        }
        String details =
                paths.stream()
                        .limit(DETAILED)
                        .map(path ->
                                "/%s was %s, is %s"
                                        .formatted(path, before.get(path), now.get(path)))
                        .collect(Collectors.joining(", "));
        String summary =
                "files and attributes of directories: %d differ: %s"
                        .formatted(
                                paths.size(),
                                paths.stream()
                                        .limit(SHOWN)
                                        .map(path ->
                                                "/%s is %s".formatted(path, how(path, before, now)))
                                        .collect(Collectors.joining(", ")));
        return Optional.of(new Finding(Finding.of(summary).summary(), summary + ": " + details));
    }

    private static String how(String path, Map<String, ?> before, Map<String, ?> now) {
        if (!before.containsKey(path)) {
            return "new";
        }
        return now.containsKey(path) ? "changed" : "gone";
    }

    private SweepReport sweep(Killing killing) {
        try (OneShot exchange =
                OneShot.send(zygote, SweepProgram.request(Kernel.cpu(), killing), List.of())) {
            int pidfd;
            try {
                pidfd = exchange.awaitMade().pidfd();
            } finally {
                zygote.answered();
            }
            try {
                SweepReport report = SweepReport.read(exchange.await(StatusTag.SWEPT).bytes());
                // So that the next user does not see it among the processes.
                BriefWait.forInput(pidfd, FOR_THE_END);
                return report;
            } finally {
                Kernel.close(pidfd);
            }
        }
    }

    private State look(Map<String, WritablePlaces.Entry> entries) {
        return new State(server.rooms(), entries, process().look());
    }

    private FirstProcess process() {
        if (closed) {
            throw ended();
        }
        if (process.isEmpty()) {
            long pid = server.processes().firstId().orElseThrow(SessionReset::ended);
            process = Optional.of(new FirstProcess(pid, hasWritableBinds));
        }
        return process.get();
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("the session has ended");
    }

    /// Lets go of what it looks at.
    @Override
    public void close() {
        closed = true;
        process.ifPresent(FirstProcess::close);
    }
}
