package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.LaunchPlan;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The process that stands by for the next command of a session, if there is one.
///
/// It is made while no command is there, and is gone or in use when one is: so no command can do
/// anything to the process of the next one, such as to change its priority, and it takes no place
/// among the processes that the session may have. Thread-safe.
final class Standbys {

    private static final Logger LOG = LoggerFactory.getLogger(Standbys.class);

    /// How long it waits; then the next command is made from nothing.
    private static final Duration IDLE = Duration.ofSeconds(5);

    private final EventLoop loop;
    private final Set<Use> uses = Collections.newSetFromMap(new IdentityHashMap<>());
    private Optional<Standby> standby = Optional.empty();
    private long madeAt;
    private boolean kept;
    private boolean watched;
    private boolean pooled;
    private boolean closed;

    Standbys(EventLoop loop) {
        this.loop = loop;
    }

    /// A command that is there.
    ///
    /// @param ready what has been made for it
    record Use(Optional<Standby> ready) {}

    /// A command comes, which takes what is there, or has it go.
    synchronized Use begin(LaunchPlan plan, Command command) {
        Optional<Standby> taken =
                standby.filter(it -> it.plan() == plan && Standby.suits(command))
                        .filter(Standby::isAlive);
        if (taken.isPresent()) {
            standby = Optional.empty();
        }
        dismiss();
        Use use = new Use(taken);
        uses.add(use);
        return use;
    }

    /// Its last process is gone.
    ///
    /// @return whether one for the next command should be made
    synchronized boolean end(Use use) {
        boolean last = uses.remove(use) && uses.isEmpty();
        // Who has a sandbox of a pool mostly runs a single command.
        boolean single = pooled;
        pooled &= !last;
        return last && !single && !closed;
    }

    /// Makes one for a command that may come soon.
    synchronized void prepare(Supplier<Optional<Standby>> maker) {
        make(maker);
        if (standby.isPresent() && !watched) {
            watched = true;
            loop.schedule(IDLE, this::look);
        }
    }

    /// Makes one for the next user of a sandbox; nobody else uses it.
    synchronized void prepareForUser(Supplier<Optional<Standby>> maker) {
        uses.clear();
        dismiss();
        make(maker);
        kept = true;
        pooled = true;
    }

    private void make(Supplier<Optional<Standby>> maker) {
        if (closed || standby.isPresent() || !uses.isEmpty()) {
            return;
        }
        try {
            standby = maker.get();
            madeAt = System.nanoTime();
            kept = false;
        } catch (SandboxException e) {
            // The next command is made without, and says it if that cannot be done either.
            LOG.debug("no process stands by", e);
        }
    }

    /// On a thread of its own: the loop must not wait for who makes one.
    private void look() {
        Thread.startVirtualThread(this::dismissIdle);
    }

    private synchronized void dismissIdle() {
        watched = false;
        if (kept || standby.isEmpty()) {
            return;
        }
        long left = IDLE.toNanos() - (System.nanoTime() - madeAt);
        if (left > 0) {
            watched = true;
            loop.schedule(Duration.ofNanos(left), this::look);
        } else {
            dismiss();
        }
    }

    /// Lets go of it.
    synchronized void dismiss() {
        standby.ifPresent(Standby::dismiss);
        standby = Optional.empty();
    }

    /// Lets go of it, and of all that come.
    synchronized void close() {
        closed = true;
        dismiss();
    }
}
