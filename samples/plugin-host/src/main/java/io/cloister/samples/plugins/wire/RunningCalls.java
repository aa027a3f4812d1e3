package io.cloister.samples.plugins.wire;

import java.util.HashMap;
import java.util.Map;

/// The calls of the other end that are being answered, each by a thread of its own. Bounded in
/// number and in size, since the other end chooses both. Thread-safe.
final class RunningCalls {
    /// As many small calls an honest end has under way, and fewer large ones.
    static final int TURNS = 32;

    /// What all of an honest end weigh together at most, in bytes.
    static final int BUDGET = 4 * Frame.LONGEST_BODY;

    /// As many are suffered. It is more, since the other end may see an answer and call anew before
    /// the thread that wrote it has got any further.
    static final int MOST = 4 * TURNS;

    private final Map<Long, Call> calls = new HashMap<>();
    private int weight;
    private boolean closed;

    private enum Phase {
        WAITING,
        BEGUN,
        FINISHED
    }

    private record Call(Thread thread, int weight, Phase phase) {
        Call in(Phase next) {
            return new Call(thread, weight, next);
        }
    }

    static int weight(byte[] body) {
        return Math.max(BUDGET / TURNS, body.length);
    }

    /// Takes a call and starts its thread.
    ///
    /// @throws ProtocolException if there are too many, or one with this id
    synchronized void start(long id, byte[] body, Thread thread) throws ProtocolException {
        Call call = new Call(thread, weight(body), Phase.WAITING);
        if (weight + call.weight > MOST / TURNS * BUDGET) {
            throw new ProtocolException(
                    "more than %d calls, or %d MiB of calls, at once"
                            .formatted(MOST, MOST / TURNS * BUDGET >> 20));
        }
        if (calls.putIfAbsent(id, call) != null) {
            throw new ProtocolException("a second call with id " + id);
        }
        weight += call.weight;
        if (!closed) {
            thread.start();
        }
    }

    /// The call begins, on its own thread.
    ///
    /// @return false if it was cancelled before
    synchronized boolean begin(long id) {
        Call call = calls.get(id);
        // Its id may be that of another call by now.
        if (closed || call == null || call.thread != Thread.currentThread()) {
            return false;
        }
        calls.put(id, call.in(Phase.BEGUN));
        return true;
    }

    /// The call is over, and is to be answered, by its own thread: an interrupt that was meant for
    /// the call must not meet that.
    synchronized void finish(long id) {
        calls.computeIfPresent(id, (_, call) -> call.in(Phase.FINISHED));
        Thread.interrupted();
    }

    /// The call is answered.
    synchronized void remove(long id) {
        Call call = calls.remove(id);
        weight -= call == null ? 0 : call.weight;
    }

    /// Interrupts a call; one that is over already is no mistake.
    ///
    /// @return whether it had not begun: then it never does, and its end can be told at once
    synchronized boolean cancel(long id) {
        Call call = calls.get(id);
        if (call == null) {
            return false;
        }
        return switch (call.phase) {
            case WAITING -> {
                remove(id);
                yield true;
            }
            case BEGUN -> {
                call.thread.interrupt();
                yield false;
            }
            case FINISHED -> false;
        };
    }

    /// Interrupts all calls, and lets no other begin.
    synchronized void close() {
        closed = true;
        calls.values().forEach(call -> call.thread.interrupt());
    }
}
