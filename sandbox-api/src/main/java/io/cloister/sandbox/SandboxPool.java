package io.cloister.sandbox;

import io.cloister.sandbox.check.Texts;
import io.cloister.sandbox.events.FlightRecords;
import io.cloister.sandbox.events.LeaseRecord;
import io.cloister.sandbox.policy.ResourceLimits;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/// Sandboxes that are set up ahead and wait for their command.
///
/// A lease has one of them for itself. When it is given back, the sandbox is reset: all processes
/// are killed and all files in memory removed; then it is compared with what it was at first. One
/// that differs in anything, such as a message queue that was made or a packet that was sent over
/// its loopback device, is thrown away, and a new one is opened in its place: what one user left,
/// the next one never finds. All that happens in the background.
///
/// What a policy shares with the host, such as a writable bind, is the caller's to clean.
///
/// One that ends while it is idle is replaced at once. If opening fails, whoever waits longest
/// hears of it, and the next attempt is made after a pause: 100 milliseconds, doubled with each
/// failure up to 30 seconds. Callers are served in the order in which they came.
///
/// Thread-safe; whoever makes a pool closes it, and it ends with its sandbox.
public final class SandboxPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxPool.class);

    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final String POOL = "pool";
    private static final String ENDED_IDLE = "it ended while it was idle";
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final int MOST_DOUBLINGS = 9;
    private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;

    private final Sandbox sandbox;
    private final int least;
    private final int most;
    private final int queue;
    private final int uses;
    private final Duration patience;
    private final Duration idleTime;
    private final Optional<Duration> healthCheck;
    private final long number = NUMBERS.incrementAndGet();
    private final PoolClock waitingTimes = new PoolClock();
    private final PoolClock resetTimes = new PoolClock();
    private final PoolClock openingTimes = new PoolClock();
    private final Deque<Pooled> idle = new ArrayDeque<>();
    private final Deque<CompletableFuture<Pooled>> waiting = new ArrayDeque<>();
    private final CompletableFuture<Void> emptied = new CompletableFuture<>();

    private int alive;

    /// Those of the living that are about to be closed.
    private int leaving;

    private int out;
    private long leases;
    private long discarded;
    private long failedOpenings;

    /// In a row; the last of them; until when nothing is opened.
    private int failures;

    private Optional<Throwable> lastFailure = Optional.empty();
    private long failedAt;
    private long pauseEnd;
    private boolean retryIsPlanned;

    /// Whether one is opened to see whether it works again.
    private boolean probing;

    private Optional<String> lastDiscard = Optional.empty();
    private boolean closed;

    private SandboxPool(Builder builder) {
        sandbox = builder.sandbox;
        least = builder.least;
        most = builder.most;
        queue = builder.queue;
        uses = builder.uses;
        patience = builder.patience;
        idleTime = builder.idleTime;
        healthCheck = builder.healthCheck;
    }

    /// {@return a builder of a pool}
    ///
    /// @param sandbox opens the sandboxes; it must stay open as long as the pool
    public static Builder of(Sandbox sandbox) {
        return new Builder(Objects.requireNonNull(sandbox, "sandbox"));
    }

    /// One sandbox of the pool.
    private static final class Pooled {
        private final SandboxSession session;
        private int used;
        private long idleSince;
        private long lookedAt;

        private Pooled(SandboxSession session) {
            this.session = session;
        }
    }

    /// A sandbox for oneself, until it is closed.
    public final class Lease implements AutoCloseable {
        private final Pooled pooled;
        private final LeasedBackend leased;
        private final SandboxSession session;
        private boolean returned;

        private Lease(Pooled pooled) {
            this.pooled = pooled;
            leased = new LeasedBackend(pooled.session);
            session = new SandboxSession(leased, pooled.session.listeners(), () -> {});
        }

        /// {@return the sandbox} Nobody else has it until the lease is closed; from then on it
        /// throws [IllegalStateException]; its files refuse ([SandboxFileException.Reason#CLOSED])
        /// once the reset has begun. Closing the session itself throws the sandbox away. Its usage
        /// is that of all users that the sandbox has had.
        public SandboxSession session() {
            return session;
        }

        /// Runs a command in it; see [SandboxSession#run(Command)].
        ///
        /// @param command what to run
        /// @return how it ended, what it used and what it wrote
        /// @throws InterruptedException if the thread is interrupted
        public SandboxResult run(Command command) throws InterruptedException {
            return session.run(command);
        }

        /// Runs a program with arguments in it; see [SandboxSession#run(String, String...)].
        ///
        /// @param program the program
        /// @param args its arguments
        /// @return how it ended, what it used and what it wrote
        /// @throws InterruptedException if the thread is interrupted
        public SandboxResult run(String program, String... args) throws InterruptedException {
            return session.run(program, args);
        }

        /// Runs a command with limits of its own in it; see [SandboxSession#run(Command,
        /// UnaryOperator)].
        ///
        /// @param command what to run
        /// @param limits makes its limits of those that the policy has for each command
        /// @return how it ended, what it used and what it wrote
        /// @throws InterruptedException if the thread is interrupted
        public SandboxResult run(Command command, UnaryOperator<ResourceLimits> limits)
                throws InterruptedException {
            return session.run(command, limits);
        }

        /// Starts a command in it; see [SandboxSession#start(Command)]. It is killed when the lease
        /// is closed.
        ///
        /// @param command what to run
        /// @return the running command
        public SandboxProcess start(Command command) {
            return session.start(command);
        }

        /// Starts a command with limits of its own in it; see [SandboxSession#start(Command,
        /// UnaryOperator)]. It is killed when the lease is closed.
        ///
        /// @param command what to run
        /// @param limits makes its limits of those that the policy has for each command
        /// @return the running command
        public SandboxProcess start(Command command, UnaryOperator<ResourceLimits> limits) {
            return session.start(command, limits);
        }

        /// {@return its files; see [SandboxSession#files()]}
        public SandboxFiles files() {
            return session.files();
        }

        /// Gives the sandbox back; does not wait for its reset. What still runs in it is killed.
        @Override
        public void close() {
            synchronized (SandboxPool.this) {
                if (returned) {
                    return;
                }
                returned = true;
                out--;
            }
            leased.end();
            Thread.startVirtualThread(() -> reset(pooled, leased));
        }
    }

    /// How often something was done, and how long it took.
    ///
    /// @param count how often
    /// @param total all times together
    /// @param longest the longest of them
    public record Times(long count, Duration total, Duration longest) {

        /// {@return the mean; zero if it was never done}
        public Duration mean() {
            return count == 0 ? Duration.ZERO : total.dividedBy(count);
        }

        /// The count, the mean and the longest, for people.
        @Override
        public String toString() {
            return "Times[%d, mean %s, longest %s]"
                    .formatted(count, Units.showDuration(mean()), Units.showDuration(longest));
        }
    }

    /// What a pool has done and has now. The counts and times only grow.
    ///
    /// @param idle sandboxes that wait for a lease
    /// @param leased sandboxes that are leased, reset, opened or looked at at the moment
    /// @param waiting callers that wait for one
    /// @param leases leases so far
    /// @param discarded sandboxes that were not used again, since they differed or had ended
    /// @param lastDiscard why the last one of those was not
    /// @param failedOpenings how often none could be opened
    /// @param waitingTime of callers that found none idle, those who gave up among them
    /// @param resetTime of resets, which callers do not wait for while others are idle
    /// @param openingTime of sandboxes that were opened, which callers do not wait for likewise
    public record Statistics(
            int idle,
            int leased,
            int waiting,
            long leases,
            long discarded,
            Optional<String> lastDiscard,
            long failedOpenings,
            Times waitingTime,
            Times resetTime,
            Times openingTime) {

        /// {@return leases that had to wait, or gave up}
        public long waits() {
            return waitingTime.count();
        }

        /// {@return sandboxes opened so far}
        public long opened() {
            return openingTime.count();
        }

        /// {@return resets so far}
        public long resets() {
            return resetTime.count();
        }
    }

    /// Takes a sandbox, or waits for one.
    ///
    /// @return the lease, to be closed
    /// @throws InterruptedException if the thread is interrupted
    /// @throws SandboxPoolException if none is free in time, or too many wait already
    /// @throws SandboxException if none is there and none could be opened
    /// @throws IllegalStateException if the pool is closed
    public Lease lease() throws InterruptedException {
        LeaseRecord record = FlightRecords.lease(number);
        boolean leased = false;
        try {
            Lease lease = take();
            leased = true;
            return lease;
        } finally {
            record.ended(leased);
        }
    }

    private Lease take() throws InterruptedException {
        CompletableFuture<Pooled> place;
        long start = System.nanoTime();
        synchronized (this) {
            checkOpen();
            Optional<Pooled> ready = poll();
            if (ready.isPresent()) {
                leases++;
                out++;
                return new Lease(ready.get());
            }
            if (waiting.size() >= queue) {
                throw new SandboxPoolException(
                        "%d callers wait for a sandbox of the pool already; let it have more than"
                                        .formatted(waiting.size())
                                + " %d sandboxes, or wait before asking again".formatted(most));
            }
            place = new CompletableFuture<>();
            waiting.addLast(place);
            fill();
        }
        try {
            return await(place);
        } finally {
            synchronized (this) {
                waitingTimes.addSince(start);
            }
        }
    }

    private Lease await(CompletableFuture<Pooled> place) throws InterruptedException {
        try {
            Pooled pooled = place.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            synchronized (this) {
                leases++;
                out++;
            }
            return new Lease(pooled);
        } catch (TimeoutException e) {
            giveUp(place);
            throw tooLate();
        } catch (InterruptedException e) {
            giveUp(place);
            throw e;
        } catch (ExecutionException e) {
            throw Failures.unchecked(e.getCause());
        }
    }

    private synchronized SandboxPoolException tooLate() {
        SandboxPoolException tooLate =
                new SandboxPoolException(
                        "no sandbox of the pool was free within %s; let it have more than %d, or"
                                        .formatted(Units.formatDuration(patience), most)
                                + " wait longer: "
                                + statistics());
        lastFailure.ifPresent(tooLate::initCause);
        return tooLate;
    }

    /// Somebody may have completed it just now.
    private void giveUp(CompletableFuture<Pooled> place) {
        synchronized (this) {
            waiting.remove(place);
        }
        place.whenComplete((pooled, problem) -> {
            if (pooled != null) {
                offer(pooled);
            }
        });
    }

    /// Runs a command in a sandbox of the pool, and gives it back.
    ///
    /// @param command what to run
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted; all processes are dead then
    public SandboxResult run(Command command) throws InterruptedException {
        try (Lease lease = lease()) {
            return lease.run(command);
        }
    }

    /// {@return what the pool has done and has now}
    public synchronized Statistics statistics() {
        return new Statistics(
                idle.size(),
                alive - idle.size(),
                waiting.size(),
                leases,
                discarded,
                lastDiscard,
                failedOpenings,
                waitingTimes.times(),
                resetTimes.times(),
                openingTimes.times());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
    }

    /// The one that was used last: its memory is warm. One that has ended meanwhile is dropped.
    private Optional<Pooled> poll() {
        while (!idle.isEmpty()) {
            Pooled last = idle.pollLast();
            if (last.session.isOpen()) {
                return Optional.of(last);
            }
            dropped(ENDED_IDLE);
        }
        return Optional.empty();
    }

    private void dropped(String why) {
        alive--;
        discarded++;
        // It may name files that a tenant has made, and is read in terminals.
        String shown = Texts.visible(why);
        lastDiscard = Optional.of(shown);
        // Logs and recordings are kept, and passed on: they hear what it is about, and no more.
        String kind = shown.split(":", 2)[0];
        FlightRecords.discarded(number, kind);
        LOG.atDebug()
                .addKeyValue(POOL, number)
                .addArgument(kind)
                .log("a sandbox of the pool is not used again: {}");
    }

    /// Opens as many as are wanted; after a failure one, when the pause is over. Under the lock.
    private void fill() {
        int wanted = Math.min(most, Math.max(least, out + waiting.size()));
        if (closed || alive >= wanted || !sandbox.isOpen() && waiting.isEmpty()) {
            return;
        }
        if (failures > 0) {
            if (probing) {
                return;
            }
            long pause = pauseEnd - System.nanoTime();
            if (pause > 0) {
                planRetry(pause);
                return;
            }
            wanted = alive + 1;
            probing = true;
        }
        while (alive < wanted) {
            alive++;
            Thread.startVirtualThread(this::openOne);
        }
    }

    private void planRetry(long nanos) {
        if (!retryIsPlanned) {
            retryIsPlanned = true;
            later(
                    nanos,
                    () -> {
                        synchronized (this) {
                            retryIsPlanned = false;
                            fill();
                        }
                    });
        }
    }

    private static void later(long nanos, Runnable action) {
        CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS)
                .execute(() -> Thread.startVirtualThread(action));
    }

    private void openOne() {
        long start = System.nanoTime();
        SandboxSession session;
        try {
            session = openReady();
        } catch (RuntimeException | Error e) {
            failed(e, start);
            return;
        }
        Pooled pooled = new Pooled(session);
        pooled.lookedAt = System.nanoTime();
        pooled.idleSince = pooled.lookedAt;
        synchronized (this) {
            openingTimes.addSince(start);
            failures = 0;
            probing = false;
            lastFailure = Optional.empty();
            fill();
        }
        session.backend().onEnd().whenComplete((result, problem) -> ended(pooled));
        offer(pooled);
    }

    /// One that is leased is looked at when it is given back.
    private void ended(Pooled pooled) {
        boolean wasIdle;
        synchronized (this) {
            wasIdle = idle.remove(pooled);
        }
        if (wasIdle) {
            Thread.startVirtualThread(() -> discard(pooled, Optional.of(ENDED_IDLE)));
        }
    }

    /// Opens one and looks at it, as the first reset does: what it is compared with later.
    private SandboxSession openReady() {
        SandboxSession session = sandbox.open();
        try {
            Optional<String> problem = session.backend().reset();
            if (problem.isPresent()) {
                throw new SandboxException(
                        "a new sandbox is not as it should be: " + problem.get());
            }
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /// Whoever waits longest hears of it; for the others another one is tried later.
    private void failed(Throwable problem, long start) {
        List<CompletableFuture<Pooled>> hear = new ArrayList<>();
        long pause;
        synchronized (this) {
            alive--;
            failedOpenings++;
            lastFailure = Optional.of(problem);
            probing = false;
            // Those that were opened at the same time have failed for the same reason.
            if (failures == 0 || start - failedAt >= 0) {
                failures++;
            }
            pause =
                    Math.min(
                            LONGEST_PAUSE_NANOS,
                            FIRST_PAUSE_NANOS << Math.min(failures - 1, MOST_DOUBLINGS));
            failedAt = System.nanoTime();
            pauseEnd = failedAt + pause;
            do {
                Optional.ofNullable(waiting.pollFirst()).ifPresent(hear::add);
            } while (!sandbox.isOpen() && !waiting.isEmpty());
            fill();
            checkEmptied();
        }
        hear.forEach(place -> place.completeExceptionally(problem));
        if (hear.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue(POOL, number)
                    .addArgument(Units.formatDuration(Duration.ofNanos(pause)))
                    .setCause(problem)
                    .log(
                            "a sandbox of the pool could not be opened; the next attempt is made"
                                    + " in {}");
        }
    }

    /// To whoever waits longest; else it is idle, since when it says itself.
    private void offer(Pooled pooled) {
        CompletableFuture<Pooled> first = null;
        boolean drop;
        boolean spare = false;
        synchronized (this) {
            drop = closed;
            if (!drop) {
                first = waiting.pollFirst();
            }
            if (!drop && first == null) {
                idle.addLast(pooled);
                spare = alive > least;
            }
        }
        if (drop) {
            discard(pooled, Optional.empty());
        } else if (first != null && !first.complete(pooled)) {
            offer(pooled);
        } else if (spare) {
            later(restOfIdleTime(pooled), this::shrink);
        }
        if (!pooled.session.isOpen()) {
            // Before it was among the idle, so that nobody heard of it.
            ended(pooled);
        }
    }

    private void reset(Pooled pooled, LeasedBackend leased) {
        leased.awaitUnderWay();
        pooled.used++;
        long start = System.nanoTime();
        Optional<String> dirt = look(pooled);
        synchronized (this) {
            resetTimes.addSince(start);
        }
        if (dirt.isEmpty() && pooled.used >= uses) {
            dirt = Optional.of("it was used %d times".formatted(pooled.used));
        }
        pooled.idleSince = System.nanoTime();
        giveBack(pooled, dirt);
    }

    private static Optional<String> look(Pooled pooled) {
        try {
            Optional<String> dirt =
                    pooled.session.isOpen()
                            ? pooled.session.backend().reset()
                            : Optional.of("it has ended");
            pooled.lookedAt = System.nanoTime();
            return dirt;
        } catch (RuntimeException | Error e) {
            return Optional.of(e.toString());
        }
    }

    private void giveBack(Pooled pooled, Optional<String> dirt) {
        if (dirt.isEmpty()) {
            offer(pooled);
        } else {
            discard(pooled, dirt);
        }
    }

    /// Looks at those that nobody has looked at for as long as an interval, one at a time.
    private void checkHealth(Duration interval) {
        while (true) {
            Optional<Pooled> due;
            synchronized (this) {
                if (closed) {
                    return;
                }
                long now = System.nanoTime();
                due =
                        idle.stream()
                                .filter(pooled -> now - pooled.lookedAt >= interval.toNanos())
                                .findFirst();
                due.ifPresent(idle::remove);
            }
            if (due.isEmpty()) {
                later(interval.toNanos(), () -> checkHealth(interval));
                return;
            }
            giveBack(due.get(), look(due.get()));
        }
    }

    private void discard(Pooled pooled, Optional<String> why) {
        synchronized (this) {
            leaving++;
        }
        end(pooled, why);
    }

    private void end(Pooled pooled, Optional<String> why) {
        try {
            pooled.session.close();
        } catch (RuntimeException | Error e) {
            LOG.atWarn()
                    .addKeyValue(POOL, number)
                    .setCause(e)
                    .log("a sandbox of the pool could not be closed");
        } finally {
            synchronized (this) {
                leaving--;
                if (why.isPresent()) {
                    dropped(why.get());
                } else {
                    alive--;
                }
                fill();
                checkEmptied();
            }
        }
    }

    /// Ends those that were not used for so long, one after the other. Health checks are no use.
    private void shrink() {
        Optional<Pooled> old;
        synchronized (this) {
            // Others may be doing the same.
            boolean more = !closed && alive - leaving > least;
            old =
                    idle.stream()
                            .filter(pooled -> more && restOfIdleTime(pooled) <= 0)
                            .min(Comparator.comparingLong(this::restOfIdleTime));
            if (old.isEmpty()) {
                return;
            }
            idle.remove(old.get());
            leaving++;
        }
        end(old.get(), Optional.empty());
        shrink();
    }

    private long restOfIdleTime(Pooled pooled) {
        return idleTime.toNanos() - (System.nanoTime() - pooled.idleSince);
    }

    private void checkEmptied() {
        if (closed && alive == 0) {
            emptied.complete(null);
        }
    }

    /// Closes all sandboxes and returns when they are gone. Leases that are out go on until they
    /// are given back, which is waited for. Callers that wait fail with [IllegalStateException].
    @Override
    public void close() {
        Deque<Pooled> left;
        Deque<CompletableFuture<Pooled>> disappointed;
        synchronized (this) {
            closed = true;
            left = new ArrayDeque<>(idle);
            idle.clear();
            disappointed = new ArrayDeque<>(waiting);
            waiting.clear();
            checkEmptied();
        }
        disappointed.forEach(place ->
                place.completeExceptionally(new IllegalStateException("the pool is closed")));
        left.forEach(pooled -> discard(pooled, Optional.empty()));
        emptied.join();
    }

    /// What it has now.
    @Override
    public String toString() {
        return "SandboxPool[" + statistics() + "]";
    }

    /// Collects the settings of a pool. Not thread-safe.
    public static final class Builder {
        private final Sandbox sandbox;
        private int least = 1;
        private int most = Runtime.getRuntime().availableProcessors();
        private int queue = 1024;
        private int uses = Integer.MAX_VALUE;
        private Duration patience = Duration.ofSeconds(30);
        private Duration idleTime = Duration.ofSeconds(30);
        private Optional<Duration> healthCheck = Optional.empty();

        private Builder(Sandbox sandbox) {
            this.sandbox = sandbox;
        }

        /// How many sandboxes it has, always. Default: one at first, and as many as there are
        /// processors when they are wanted.
        ///
        /// @param count at least 1
        /// @return this builder
        public Builder size(int count) {
            return size(count, count);
        }

        /// How many sandboxes it has: `least` always, more while they are wanted.
        ///
        /// @param least at least 0
        /// @param most at least 1, and not less than `least`
        /// @return this builder
        public Builder size(int least, int most) {
            if (least < 0 || most < 1 || most < least) {
                throw new IllegalArgumentException(
                        "size must be 0 <= least <= most and most >= 1, was %d, %d"
                                .formatted(least, most));
            }
            this.least = least;
            this.most = most;
            return this;
        }

        /// How many callers may wait for a sandbox; one more is refused at once. Default: 1024.
        ///
        /// @param callers at least 0
        /// @return this builder
        public Builder queue(int callers) {
            queue = requireAtLeast("queue", 0, callers);
            return this;
        }

        /// How long a caller waits for a sandbox. Default: 30 seconds.
        ///
        /// @param time > 0
        /// @return this builder
        public Builder patience(Duration time) {
            patience = requirePositive("patience", time);
            return this;
        }

        /// How long a sandbox beyond the least number is kept idle. Default: 30 seconds.
        ///
        /// @param time > 0
        /// @return this builder
        public Builder idleTime(Duration time) {
            idleTime = requirePositive("idleTime", time);
            return this;
        }

        /// How often a sandbox is leased before it is thrown away. Default: without end.
        ///
        /// @param count at least 1; with 1 each lease has a sandbox that nobody had before
        /// @return this builder
        public Builder uses(int count) {
            uses = requireAtLeast("uses", 1, count);
            return this;
        }

        /// How often idle sandboxes are looked at: one that somebody outside has changed, such as
        /// an administrator, is thrown away. Default: never; one that has ended is replaced anyway.
        ///
        /// @param interval > 0; each look takes about as long as a reset, one sandbox at a time
        /// @return this builder
        public Builder healthCheck(Duration interval) {
            healthCheck = Optional.of(requirePositive("healthCheck", interval));
            return this;
        }

        private static int requireAtLeast(String name, int least, int value) {
            if (value < least) {
                throw new IllegalArgumentException(
                        "%s must be at least %d, was %d".formatted(name, least, value));
            }
            return value;
        }

        private static Duration requirePositive(String name, Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException(
                        name + " must be > 0, was " + Units.formatDuration(time));
            }
            return time;
        }

        /// {@return the pool} Its first sandboxes are opened in the background.
        public SandboxPool build() {
            SandboxPool pool = new SandboxPool(this);
            synchronized (pool) {
                pool.fill();
            }
            healthCheck.ifPresent(
                    interval -> later(interval.toNanos(), () -> pool.checkHealth(interval)));
            return pool;
        }
    }
}
