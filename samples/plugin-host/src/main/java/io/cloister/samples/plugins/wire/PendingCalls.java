package io.cloister.samples.plugins.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// The calls of one end that were not answered yet. An id is used once; an abandoned call stays
/// until the other end has confirmed its end. Thread-safe.
final class PendingCalls {
    private final Map<Long, CompletableFuture<Frame>> calls = new HashMap<>();
    private long next = 1;
    private String closed = "";

    /// A call that waits.
    ///
    /// @param id its id
    /// @param answer completes with the frame that answers it
    record Pending(long id, CompletableFuture<Frame> answer) {}

    /// @throws CallException if the connection is closed
    synchronized Pending issue(Object operation) {
        if (!closed.isEmpty()) {
            throw new CallException.Lost(operation.toString(), closed);
        }
        Pending pending = new Pending(next++, new CompletableFuture<>());
        calls.put(pending.id, pending.answer);
        return pending;
    }

    /// Hands an answer to who waits for it.
    ///
    /// @throws ProtocolException if nobody asked, or it was answered before
    void answer(Frame frame) throws ProtocolException {
        CompletableFuture<Frame> answer;
        synchronized (this) {
            answer = calls.remove(frame.id());
            if (answer == null) {
                boolean asked = frame.id() > 0 && frame.id() < next;
                throw new ProtocolException(
                        asked
                                ? "a second answer to call " + frame.id()
                                : "an answer to call %d, which was never made"
                                        .formatted(frame.id()));
            }
        }
        answer.complete(frame);
    }

    /// Ends all calls: no answer will come.
    void close(String reason) {
        List<CompletableFuture<Frame>> open;
        synchronized (this) {
            if (!closed.isEmpty()) {
                return;
            }
            closed = reason;
            open = new ArrayList<>(calls.values());
            calls.clear();
        }
        open.forEach(answer -> answer.completeExceptionally(new CallException(reason)));
    }
}
