package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.EPOLLHUP;
import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.SeccompListener;
import io.cloister.sandbox.linux.ffm.SeccompListener.Notification;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.Violation;
import io.cloister.sandbox.linux.seccomp.SyscallTable;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallHandlers;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The JVM's side of a run's system-call filter: takes the calls that it tells of, and answers
/// them.
///
/// A call that ends the run is decided here at once, on the loop's thread; one for a handler goes
/// to a virtual thread of its own. While as many are with handlers as may be, nothing more is
/// received: further callers wait in the kernel. A call is answered once, by its handler or by its
/// deadline. Thread-safe.
final class CallAnswers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CallAnswers.class);

    private final EventLoop loop;
    private final int listener;
    private final SyscallPolicy policy;
    private final SyscallHandlers handlers;
    private final Consumer<Kill> killer;
    private final EventLoop.Registration registration;
    private final Set<WaitingCall> asked = new HashSet<>();
    private boolean closed;

    /// @param listener closed at the end
    /// @param killer ends the run
    /// @throws io.cloister.sandbox.SandboxException if it cannot be watched; it is closed then
    CallAnswers(
            EventLoop loop,
            int listener,
            SyscallPolicy policy,
            SyscallHandlers handlers,
            Consumer<Kill> killer) {
        this.loop = loop;
        this.listener = listener;
        this.policy = policy;
        this.handlers = handlers;
        this.killer = killer;
        try {
            registration = loop.register(listener, EPOLLIN, this::onReady);
        } catch (RuntimeException e) {
            Kernel.close(listener);
            throw e;
        }
    }

    private void onReady(int events) {
        if ((events & EPOLLIN) != 0) {
            receive().ifPresent(this::decide);
        } else if ((events & EPOLLHUP) != 0) {
            // Nobody is left under the filter.
            close();
        }
    }

    private synchronized Optional<Notification> receive() {
        if (closed || asked.size() >= handlers.handling().concurrent()) {
            return Optional.empty();
        }
        Notification call = SeccompListener.receive(listener);
        if (call.result() >= 0) {
            return Optional.of(call);
        }
        if (!Errno.ENOENT.is(call.result())) {
            LOG.warn("a system call could not be received: {}", Errno.nameOf(-call.result()));
        }
        return Optional.empty();
    }

    private void decide(Notification notification) {
        Optional<Syscall> call = SyscallTable.of(Kernel.cpu()).call(notification.number());
        SyscallAction action =
                call.map(known -> policy.decide(known, notification.arguments()))
                        .orElse(policy.unknown());
        Optional<SyscallHandler> handler = call.flatMap(handlers::of);
        if (action instanceof SyscallAction.Notify && handler.isPresent()) {
            hand(new WaitingCall(this, notification, call.get()), handler.get());
        } else {
            violated(notification);
        }
    }

    /// Ends the run for a call; the thread that made it waits until it is killed.
    private void violated(Notification notification) {
        Violation violation =
                Violation.of(
                        policy,
                        SyscallTable.of(Kernel.cpu()).call(notification.number()),
                        notification.number(),
                        notification.arguments());
        killer.accept(new Kill(new Outcome.PolicyViolated(violation.call()), violation.observed()));
    }

    private void hand(WaitingCall call, SyscallHandler handler) {
        synchronized (this) {
            if (closed) {
                return;
            }
            asked.add(call);
            if (asked.size() >= handlers.handling().concurrent()) {
                registration.watch(0);
            }
        }
        call.begin(
                loop.schedule(handlers.handling().deadline(), () -> late(call)),
                () -> answer(call, handler));
    }

    private void answer(WaitingCall call, SyscallHandler handler) {
        Optional<SyscallAnswer> answer = Optional.empty();
        try {
            answer = Optional.ofNullable(handler.answer(call));
            if (answer.isEmpty()) {
                LOG.warn("the handler of {} gave no answer", call.call().label());
            }
        } catch (Exception | Error e) {
            if (!call.isAnswered()) {
                LOG.warn("the handler of {} failed", call.call().label(), e);
            }
        }
        if (call.answered()) {
            give(call, answer.orElseGet(this::failure));
        }
        done(call);
    }

    private void late(WaitingCall call) {
        if (call.answered()) {
            LOG.warn(
                    "the handler of {} gave no answer within {}",
                    call.call().label(),
                    handlers.handling().deadline());
            give(call, failure());
            call.interrupt();
        }
    }

    private SyscallAnswer failure() {
        return SyscallAnswer.fail(handlers.handling().onFailure());
    }

    /// A handler is done, though the call may have been answered before.
    private synchronized void done(WaitingCall call) {
        boolean full = asked.size() == handlers.handling().concurrent();
        asked.remove(call);
        if (!closed && full) {
            registration.watch(EPOLLIN);
        }
    }

    private void give(WaitingCall call, SyscallAnswer answer) {
        if (answer instanceof SyscallAnswer.Kill) {
            violated(call.notification());
            return;
        }
        int result = send(call.notification().id(), answer);
        // ENOENT: the thread was killed meanwhile.
        if (result < 0 && !Errno.ENOENT.is(result)) {
            LOG.warn(
                    "the answer {} to {} was refused: {}",
                    answer,
                    call.call().label(),
                    Errno.nameOf(-result));
            send(call.notification().id(), failure());
        }
    }

    private synchronized int send(long id, SyscallAnswer answer) {
        if (closed) {
            return Errno.ENOENT.negated();
        }
        return switch (answer) {
            case SyscallAnswer.Allow _ -> SeccompListener.proceed(listener, id);
            case SyscallAnswer.Fail(Errno errno) ->
                    SeccompListener.answer(listener, id, 0, errno.number());
            case SyscallAnswer.Value(long value) -> SeccompListener.answer(listener, id, value, 0);
            case SyscallAnswer.Descriptor(int descriptor, boolean closeOnExec) ->
                    SeccompListener.answerDescriptor(listener, id, descriptor, closeOnExec);
            case SyscallAnswer.Kill _ -> Errno.ENOENT.negated();
        };
    }

    /// Whether the thread of a call still waits.
    synchronized boolean isWaiting(Notification call) {
        return !closed && SeccompListener.isWaiting(listener, call.id());
    }

    /// Callers that still wait see `ENOSYS` from then on, if they are not dead; handlers that still
    /// think are interrupted. Idempotent.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            registration.cancel();
            Kernel.close(listener);
            asked.stream().filter(WaitingCall::answered).forEach(WaitingCall::interrupt);
        }
    }
}
