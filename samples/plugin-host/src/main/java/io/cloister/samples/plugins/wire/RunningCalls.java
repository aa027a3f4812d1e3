package io.cloister.samples.plugins.wire;

import java.util.HashMap;
import java.util.Map;

/// The calls of the other end that are being answered, each by a thread of its own. Bounded, since
/// the other end chooses how many. Thread-safe.
final class RunningCalls {
    /// As many calls an honest end has under way.
    static final int TURNS = 32;

    /// As many are suffered. It is more, since the other end may see an answer and call anew before
    /// the thread that wrote it has got any further.
    static final int MOST = 4 * TURNS;

    private final Map<Long, Call> calls = new HashMap<>();

    private record Call(Thread thread, boolean finished) {}

    /// Takes a call.
    ///
    /// @throws ProtocolException if there are too many, or one with this id
    synchronized void begin(long id, Thread thread) throws ProtocolException {
        if (calls.size() >= MOST) {
            throw new ProtocolException("more than %d calls at once".formatted(MOST));
        }
        if (calls.putIfAbsent(id, new Call(thread, false)) != null) {
            throw new ProtocolException("a second call with id " + id);
        }
    }

    /// The call is over, and is to be answered, by its own thread: an interrupt that was meant for
    /// the call must not meet that.
    synchronized void finish(long id) {
        calls.computeIfPresent(id, (_, call) -> new Call(call.thread, true));
        Thread.interrupted();
    }

    /// The call is answered.
    synchronized void remove(long id) {
        calls.remove(id);
    }

    /// Interrupts a call; one that is over already is no mistake.
    synchronized void cancel(long id) {
        Call call = calls.get(id);
        if (call != null && !call.finished) {
            call.thread.interrupt();
        }
    }

    synchronized void cancelAll() {
        calls.values().forEach(call -> call.thread.interrupt());
    }
}
