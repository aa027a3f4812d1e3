package io.cloister.sandbox.spring.state;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.RunListener;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Which commands run in the sandboxes of the profiles, how many ended how, and what came of the
/// last launch. Thread-safe.
public final class RunLedger implements SandboxBuilderCustomizer {
    private final Collection<Entry> active = ConcurrentHashMap.newKeySet();
    private final Map<String, Map<String, LongAdder>> ended = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private volatile @Nullable Entry last;
    private volatile @Nullable Entry lastRefused;

    /// Makes an empty ledger.
    public RunLedger() {}

    /// A command that runs, or is about to.
    ///
    /// @param profile the profile of its sandbox
    /// @param program the program; its arguments may be secrets
    /// @param since when its launch was asked for
    /// @param pid its process id on the host; empty where there is none, or none yet
    /// @param usage what it has used so far; empty where that is not known
    public record Running(
            String profile,
            String program,
            Instant since,
            Optional<Long> pid,
            Optional<ResourceUsage> usage) {}

    /// A launch.
    ///
    /// @param profile the profile of its sandbox
    /// @param program the program
    /// @param at when it was asked for
    /// @param outcome how it ended, by [OutcomeName]; `running` if it has not
    /// @param problem why it did not run, if it did not
    public record LastLaunch(
            String profile,
            String program,
            Instant at,
            String outcome,
            Optional<Throwable> problem) {}

    @Override
    public void customize(String profile, Sandbox.Builder builder) {
        builder.listener(command -> new Entry(profile, command));
    }

    /// {@return how many commands of a profile run, or are about to}
    ///
    /// @param profile the name of the profile
    public long active(String profile) {
        return active.stream().filter(entry -> entry.profile.equals(profile)).count();
    }

    /// {@return the commands that run, or are about to, the oldest first}
    public List<Running> running() {
        return active.stream()
                .sorted(Comparator.comparing(entry -> entry.at))
                .map(Entry::running)
                .toList();
    }

    /// {@return how many commands of a profile have ended, by [OutcomeName]}
    ///
    /// @param profile the name of the profile
    public Map<String, Long> ended(String profile) {
        Map<String, Long> counts = new TreeMap<>();
        ended.getOrDefault(profile, Map.of())
                .forEach((outcome, count) -> counts.put(outcome, count.sum()));
        return counts;
    }

    /// {@return the launch that was asked for last; empty before the first}
    public Optional<LastLaunch> lastLaunch() {
        return Optional.ofNullable(last).map(Entry::launch);
    }

    /// {@return the launch that was refused last, since the host cannot keep what it asks for;
    /// empty before the first}
    public Optional<LastLaunch> lastRefusal() {
        return Optional.ofNullable(lastRefused).map(Entry::launch);
    }

    /// Waits until it has heard of the end of every command.
    ///
    /// @param timeout how long
    /// @return whether none runs
    /// @throws InterruptedException if the thread is interrupted
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (!active.isEmpty()) {
                if (left <= 0) {
                    return false;
                }
                left = idle.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// One run.
    private final class Entry implements RunListener.Watch {
        private final String profile;
        private final String program;
        private final Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        private volatile @Nullable SandboxProcess process;
        private volatile String outcome = "running";
        private volatile @Nullable Throwable problem;

        private Entry(String profile, Command command) {
            this.profile = profile;
            program = command.program();
            active.add(this);
            last = this;
        }

        @Override
        public void started(SandboxProcess started) {
            process = started;
        }

        @Override
        public void ended(SandboxResult result) {
            end(OutcomeName.of(result.outcome()));
        }

        @Override
        public void failed(Throwable why) {
            problem = why;
            if (why instanceof SandboxUnavailableException) {
                lastRefused = this;
            }
            end(OutcomeName.NOT_RUN);
        }

        private void end(String how) {
            outcome = how;
            process = null;
            ended.computeIfAbsent(profile, _ -> new ConcurrentHashMap<>())
                    .computeIfAbsent(how, _ -> new LongAdder())
                    .increment();
            lock.lock();
            try {
                active.remove(this);
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private Running running() {
            SandboxProcess known = process;
            Optional<Long> pid = Optional.empty();
            Optional<ResourceUsage> usage = Optional.empty();
            if (known != null) {
                try {
                    pid = Optional.of(known.pid());
                    usage = Optional.of(known.usage());
                } catch (SandboxException e) {
                    // The host does not tell, mostly since it is just ending; it is still listed.
                    return new Running(profile, program, at, pid, Optional.empty());
                }
            }
            return new Running(profile, program, at, pid, usage);
        }

        private LastLaunch launch() {
            return new LastLaunch(profile, program, at, outcome, Optional.ofNullable(problem));
        }
    }
}
