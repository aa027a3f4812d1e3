package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.LaunchPlan;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// The process that stands by for the next command of a session, if there is one.
///
/// It is made with each command, for the next one, and goes when none comes: it counts as two
/// processes of the session. Thread-safe.
final class Standbys {

    private static final Duration IDLE = Duration.ofSeconds(5);

    /// Requests under way with which the server has enough to do.
    private static final int BUSY = 2;

    private final EventLoop loop;
    private final Zygote server;
    private Optional<Standby> standby = Optional.empty();
    private boolean closed;

    Standbys(EventLoop loop, Zygote server) {
        this.loop = loop;
        this.server = server;
    }

    /// Takes the one that can become `command`.
    synchronized Optional<Standby> take(LaunchPlan plan, Command command) {
        Optional<Standby> taken =
                standby.filter(it -> it.plan() == plan && Standby.suits(command))
                        .filter(Standby::isAlive);
        if (taken.isPresent()) {
            standby = Optional.empty();
        }
        return taken;
    }

    /// Makes one for a command that may come soon, if there is none and time for it.
    void prepare(LaunchPlan plan, Supplier<Optional<Standby>> maker) {
        prepareAndKeep(plan, maker).ifPresent(made -> loop.schedule(IDLE, () -> dismiss(made)));
    }

    /// Makes one for a command that will come some time.
    ///
    /// @return the one that was made
    synchronized Optional<Standby> prepareAndKeep(
            LaunchPlan plan, Supplier<Optional<Standby>> maker) {
        if (standby.filter(it -> it.plan() != plan || !it.isAlive()).isPresent()) {
            dismiss();
        }
        if (closed || standby.isPresent() || server.underWay() > BUSY) {
            return Optional.empty();
        }
        standby = maker.get();
        return standby;
    }

    private synchronized void dismiss(Standby idle) {
        if (standby.filter(it -> it == idle).isPresent()) {
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
