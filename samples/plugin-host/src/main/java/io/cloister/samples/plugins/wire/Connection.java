package io.cloister.samples.plugins.wire;

import io.cloister.samples.plugins.wire.Contract.Operation;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// One end of a socket over which both ends call methods of the other, many at a time.
///
/// One thread reads, see [#serve()]; who calls writes by itself as far as the socket takes it, and
/// each call of the other end has a virtual thread. Nothing that the other end does or does not do
/// makes the reading thread wait, nor a caller longer than its deadline.
public final class Connection implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final Services services;
    private final PendingCalls pending = new PendingCalls();
    private final RunningCalls running = new RunningCalls();
    private final Semaphore turns = new Semaphore(RunningCalls.BUDGET, true);
    private final Consumer<Unanswered> unanswered;
    private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();
    private final CompletableFuture<Frame> ready = new CompletableFuture<>();

    /// A call that nobody waits for any more.
    ///
    /// @param operation what was called
    /// @param end completes when the other end confirms that it has ended
    public record Unanswered(String operation, CompletableFuture<?> end) {}

    /// @param channel the socket; it is closed with this
    /// @param services what the other end may call
    /// @param unanswered is told of calls that were cancelled or not answered in time
    /// @throws IOException if the socket is of no use
    public Connection(SocketChannel channel, Services services, Consumer<Unanswered> unanswered)
            throws IOException {
        this.channel = channel;
        this.services = services;
        this.unanswered = unanswered;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
        this.reader = new FrameReader(channel);
        this.writer = new FrameWriter(channel);
    }

    /// Reads until the other end is gone, which is the end of every call.
    ///
    /// @throws IOException if the connection breaks; a [ProtocolException] if the other end broke
    ///   it
    public void serve() throws IOException {
        String reason = "the other end has closed the connection";
        try {
            do {
                for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                    take(frame.get());
                }
                if (writer.flush()) {
                    key.interestOps(SelectionKey.OP_READ);
                    selector.select(_ -> {});
                } else {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    selector.select(_ -> {}, FrameWriter.PATIENCE.toMillis() / 10);
                }
            } while (reader.fill() >= 0);
        } catch (ClosedSelectorException | CancelledKeyException | ClosedChannelException e) {
            // This end has closed it.
            IOException problem = broken.get();
            if (problem != null) {
                throw problem;
            }
        } catch (IOException e) {
            reason = inWords(e);
            throw e;
        } finally {
            end(reason);
        }
    }

    private void take(Frame frame) throws IOException {
        switch (frame.kind()) {
            case READY -> ready.complete(frame);
            case CALL ->
                    running.start(
                            frame.id(),
                            frame.body(),
                            Thread.ofVirtual().unstarted(() -> answer(frame)));
            case REPLY, FAILURE, PONG -> pending.answer(frame);
            case CANCEL -> {
                if (running.cancel(frame.id())) {
                    write(Services.failure(frame, new InterruptedException("before it began")));
                }
            }
            case PING -> write(Frame.of(Frame.Kind.PONG, frame.id()));
        }
    }

    private void answer(Frame question) {
        if (!running.begin(question.id())) {
            return;
        }
        try {
            Frame answer = services.answer(question);
            running.finish(question.id());
            write(answer);
        } catch (ProtocolException e) {
            fail(e);
        } finally {
            running.remove(question.id());
        }
    }

    private void write(Frame frame) {
        try {
            send(frame);
        } catch (IOException e) {
            fail(e);
        }
    }

    /// Does not wait: what the socket does not take at once is left to the thread that reads.
    private void send(Frame frame) throws IOException {
        if (!writer.write(frame)) {
            selector.wakeup();
        }
    }

    @Nullable Object call(Contract contract, Operation operation, Object[] arguments) {
        long start = System.nanoTime();
        String what = operation.toString();
        byte[] body = Request.encode(contract, operation, arguments);
        PendingCalls.Pending call = issueInTurn(what, body, operation.deadline());
        Frame answer =
                ask(
                        call,
                        new Frame(Frame.Kind.CALL, call.id(), body),
                        what,
                        start,
                        operation.deadline());
        if (answer.kind() == Frame.Kind.FAILURE) {
            throw new CallException.Failed(operation.toString(), Fault.decode(answer.body()));
        }
        try {
            Object value = operation.result().readValue(answer.body());
            if (value == null && operation.method().getReturnType() != void.class) {
                throw new CallException.BadReply(what, "null");
            }
            return value;
        } catch (JacksonException e) {
            throw new CallException.BadReply(
                    operation.toString(), Text.visible(e.getOriginalMessage()));
        }
    }

    /// Waits until the other end says that it can be called.
    ///
    /// @param patience how long
    /// @throws TimeoutException if it does not say so in time
    /// @throws ProtocolException if the connection ends before that
    /// @throws InterruptedException if the thread is interrupted
    public void awaitReady(Duration patience)
            throws TimeoutException, ProtocolException, InterruptedException {
        try {
            ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new ProtocolException(String.valueOf(e.getCause().getMessage()));
        }
    }

    /// Tells the other end that it can call.
    ///
    /// @throws IOException if it is gone
    public void sayReady() throws IOException {
        send(Frame.of(Frame.Kind.READY, 0));
    }

    /// Asks whether the other end is there.
    ///
    /// @param patience how long it may take to answer
    /// @throws CallException if it does not answer in time
    public void ping(Duration patience) {
        PendingCalls.Pending call = pending.issue(Frame.Kind.PING, "ping");
        ask(call, Frame.of(Frame.Kind.PING, call.id()), "ping", System.nanoTime(), patience);
    }

    private Frame ask(
            PendingCalls.Pending call, Frame frame, String what, long start, Duration patience) {
        try {
            send(frame);
            long left = patience.toNanos() - (System.nanoTime() - start);
            return call.answer().get(left, TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            fail(e);
            throw new CallException.Lost(what, inWords(e));
        } catch (ExecutionException e) {
            throw new CallException.Lost(what, String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            abandon(call, what);
            throw new CallException.TimedOut(what, patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon(call, what);
            throw new CallException.Cancelled(what);
        }
    }

    /// Waits its turn: the other end would take more than that for hostile.
    private PendingCalls.Pending issueInTurn(String what, byte[] body, Duration patience) {
        int weight = RunningCalls.weight(body);
        try {
            if (!turns.tryAcquire(weight, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new CallException.TimedOut(what, patience.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallException.Cancelled(what);
        }
        try {
            PendingCalls.Pending call = pending.issue(Frame.Kind.CALL, what);
            call.answer().whenComplete((_, _) -> turns.release(weight));
            return call;
        } catch (CallException e) {
            turns.release(weight);
            throw e;
        }
    }

    private void abandon(PendingCalls.Pending call, String what) {
        write(Frame.of(Frame.Kind.CANCEL, call.id()));
        unanswered.accept(new Unanswered(what, call.answer()));
    }

    /// Ends the connection from another thread than that which reads, and which then throws this.
    private void fail(IOException problem) {
        broken.compareAndSet(null, problem);
        end(inWords(problem));
    }

    private static String inWords(IOException problem) {
        return problem instanceof ProtocolException
                ? String.valueOf(problem.getMessage())
                : problem.toString();
    }

    private void end(String reason) {
        pending.close(reason);
        running.close();
        ready.completeExceptionally(new ProtocolException(reason));
        try (selector;
                channel) {
            // Closing is all that is left to do.
        } catch (IOException e) {
            throw new UncheckedIOException("closing the socket failed", e);
        }
    }

    /// Closes the socket; calls of both ends end with an exception.
    @Override
    public void close() {
        end("the connection was closed");
    }
}
