package io.cloister.sandbox.linux.launch;

import java.util.ArrayDeque;
import java.util.Deque;

/// What to undo when a launch fails half-way, the latest first. Not thread-safe.
final class Undo {

    private final Deque<Runnable> actions = new ArrayDeque<>();

    void add(Runnable action) {
        actions.push(action);
    }

    /// Somebody else does it.
    void forget(Runnable action) {
        actions.remove(action);
    }

    void run() {
        while (!actions.isEmpty()) {
            actions.pop().run();
        }
    }

    /// Undoes all because of `cause`, which keeps what goes wrong meanwhile.
    void run(Throwable cause) {
        while (!actions.isEmpty()) {
            try {
                actions.pop().run();
            } catch (RuntimeException e) {
                cause.addSuppressed(e);
            }
        }
    }
}
