package io.cloister.samples.plugins.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// The calls of one end that were not answered yet. An id is used once; an abandoned call stays
/// until the other end has confirmed its end. Thread-safe.
final class PendingCalls {
    private final Map<Long, Open> calls = new HashMap<>();
    private long next = 1;
    private String closed = "";

    private record Open(Frame.Kind question, CompletableFuture<Frame> answer) {
        void take(Frame frame) throws ProtocolException {
            if (question == Frame.Kind.PING != (frame.kind() == Frame.Kind.PONG)) {
                throw new ProtocolException(
                        "a %s as the answer to %s %d"
                                .formatted(frame.kind(), question, frame.id()));
            }
            answer.complete(frame);
        }
    }

    /// A call that waits.
    ///
    /// @param id its id
    /// @param answer completes with the frame that answers it
    record Pending(long id, CompletableFuture<Frame> answer) {}

    /// @param question what is asked, a call or a ping
    /// @throws CallException if the connection is closed
    synchronized Pending issue(Frame.Kind question, String operation) {
        if (!closed.isEmpty()) {
            throw new CallException.Lost(operation, closed);
        }
        Pending pending = new Pending(next++, new CompletableFuture<>());
        calls.put(pending.id, new Open(question, pending.answer));
        return pending;
    }

    /// Hands an answer to who waits for it.
    ///
    /// @throws ProtocolException if nobody asked, it was answered before, or this is no answer to
    ///   that
    void answer(Frame frame) throws ProtocolException {
        Open call;
        synchronized (this) {
            call = calls.remove(frame.id());
            if (call == null) {
                boolean asked = frame.id() > 0 && frame.id() < next;
                throw new ProtocolException(
                        asked
                                ? "a second answer to call " + frame.id()
                                : "an answer to call %d, which was never made"
                                        .formatted(frame.id()));
            }
        }
        call.take(frame);
    }

    /// Ends all calls: no answer will come.
    void close(String reason) {
        List<Open> open;
        synchronized (this) {
            if (!closed.isEmpty()) {
                return;
            }
            closed = reason;
            open = new ArrayList<>(calls.values());
            calls.clear();
        }
        open.forEach(call -> call.answer.completeExceptionally(new CallException(reason)));
    }
}
