package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.EPOLLHUP;
import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NOCTTY;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.O_RDWR;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Units;
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

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// The JVM's side of a run's system-call filter: takes the calls that it tells of, and answers
/// them.
///
/// A call that ends the run is decided at once, on the loop's thread; one for a handler goes to a
/// virtual thread of its own, or waits in a queue while as many are with handlers as may be. The
/// queue is no longer than the sandbox has threads. A call is answered once, by its handler or by
/// its deadline; from then on a handler that goes on counts no more, but when too many of them do,
/// no further ones are asked. Thread-safe.
final class CallAnswers implements AutoCloseable {

    /// So many times the number of calls that may be with handlers, handlers may run: those of
    /// calls that were answered by their deadline, and which do not heed the interrupt, included.
    private static final int STUCK = 4;

    private static final Logger LOG = LoggerFactory.getLogger(CallAnswers.class);

    /// Putting a descriptor into a process waits for that process, which may take its time. That
    /// must hold neither the loop nor the carrier of a virtual thread.
    private static final ExecutorService DESCRIPTORS =
            Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("cloister-descriptors-", 0).factory());

    private final long sandbox;
    private final EventLoop loop;
    private final int listener;
    private final SyscallPolicy policy;
    private final SyscallHandlers handlers;
    private final Consumer<Kill> killer;
    private final EventLoop.Registration registration;
    private final Set<WaitingCall> asked = new HashSet<>();
    private final Queue<WaitingCall> queue = new ArrayDeque<>();
    private final Set<String> complaints = new HashSet<>();
    private int running;
    private int unsaid;
    private int using;
    private boolean closed;

    /// @param sandbox the number of the sandbox, for the log
    /// @param listener closed at the end
    /// @param killer ends the run
    /// @throws io.cloister.sandbox.SandboxException if it cannot be watched; it is closed then
    CallAnswers(
            long sandbox,
            EventLoop loop,
            int listener,
            SyscallPolicy policy,
            SyscallHandlers handlers,
            Consumer<Kill> killer) {
        this.sandbox = sandbox;
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
        if (closed) {
            return Optional.empty();
        }
        Notification call = SeccompListener.receive(listener);
        if (call.result() >= 0) {
            return Optional.of(call);
        }
        if (!Errno.ENOENT.is(call.result())) {
            complain("a system call could not be received: " + Errno.nameOf(-call.result()), null);
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
            hand(new WaitingCall(this, notification, call.get(), handler.get()));
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

    private void hand(WaitingCall call) {
        boolean stuck;
        synchronized (this) {
            int most = handlers.handling().concurrent();
            if (closed) {
                return;
            }
            stuck = running >= STUCK * (long) most;
            if (!stuck && asked.size() < most) {
                begin(call);
            } else if (!stuck) {
                queue.add(call);
            }
        }
        if (stuck) {
            complain("too many handlers do not end; " + call.call().label() + " fails", null);
            send(call, failure());
        }
    }

    /// Under the monitor.
    private void begin(WaitingCall call) {
        asked.add(call);
        running++;
        call.begin(
                loop.schedule(handlers.handling().deadline(), () -> late(call)),
                () -> handle(call));
    }

    private void handle(WaitingCall call) {
        Optional<SyscallAnswer> answer = Optional.empty();
        try {
            answer = Optional.ofNullable(call.handler().answer(call));
            if (answer.isEmpty()) {
                complain("the handler of " + call.call().label() + " gave no answer", null);
            }
        } catch (Exception | Error e) {
            if (!call.isAnswered()) {
                complain("the handler of " + call.call().label() + " failed", e);
            }
        } finally {
            synchronized (this) {
                running--;
            }
        }
        if (call.answered()) {
            give(call, answer.orElseGet(this::failure));
        }
    }

    private void late(WaitingCall call) {
        if (call.answered()) {
            complain(
                    "the handler of %s gave no answer within %s"
                            .formatted(
                                    call.call().label(),
                                    Units.formatDuration(handlers.handling().deadline())),
                    null);
            send(call, failure());
            answered(call);
            call.interrupt();
        }
    }

    private SyscallAnswer failure() {
        return SyscallAnswer.fail(handlers.handling().onFailure());
    }

    /// Makes room for the next one.
    private synchronized void answered(WaitingCall call) {
        asked.remove(call);
        if (!closed && !queue.isEmpty()) {
            begin(queue.remove());
        }
    }

    private void give(WaitingCall call, SyscallAnswer answer) {
        switch (answer) {
            case SyscallAnswer.Kill _ -> {
                violated(call.notification());
                answered(call);
            }
            case SyscallAnswer.Descriptor(int descriptor, boolean closeOnExec) ->
                    DESCRIPTORS.execute(() -> {
                        copy(call, descriptor, closeOnExec);
                        answered(call);
                    });
            case SyscallAnswer.File(Path path, boolean writable) ->
                    DESCRIPTORS.execute(() -> {
                        open(call, path, writable);
                        answered(call);
                    });
            case SyscallAnswer.Allow _, SyscallAnswer.Fail _, SyscallAnswer.Value _ -> {
                send(call, answer);
                answered(call);
            }
        }
    }

    private void open(WaitingCall call, Path path, boolean writable) {
        int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY;
        int file = Kernel.open(path.toString(), flags, 0);
        if (file < 0) {
            send(call, SyscallAnswer.fail(Errno.numbered(-file).orElse(Errno.EIO)));
            return;
        }
        try {
            copy(call, file, true);
        } finally {
            Kernel.close(file);
        }
    }

    /// Not under the monitor, since it waits; the listener stays open meanwhile.
    private void copy(WaitingCall call, int descriptor, boolean closeOnExec) {
        synchronized (this) {
            if (closed) {
                return;
            }
            using++;
        }
        int copy;
        try {
            copy =
                    SeccompListener.addDescriptor(
                            listener, call.notification().id(), descriptor, closeOnExec);
        } finally {
            synchronized (this) {
                using--;
                if (closed && using == 0) {
                    Kernel.close(listener);
                }
            }
        }
        if (copy >= 0) {
            send(call, SyscallAnswer.value(copy));
        } else if (Errno.EMFILE.is(copy) || Errno.ENFILE.is(copy)) {
            send(call, SyscallAnswer.fail(Errno.numbered(-copy).orElseThrow()));
        } else if (!Errno.ENOENT.is(copy)) {
            complain(
                    "descriptor %d could not be given to the program for %s: %s"
                            .formatted(descriptor, call.call().label(), Errno.nameOf(-copy)),
                    null);
            send(call, failure());
        }
    }

    private synchronized void send(WaitingCall call, SyscallAnswer answer) {
        if (closed) {
            return;
        }
        long id = call.notification().id();
        int result =
                switch (answer) {
                    case SyscallAnswer.Fail(Errno errno) ->
                            SeccompListener.answer(listener, id, 0, errno.number());
                    case SyscallAnswer.Value(long value) ->
                            SeccompListener.answer(listener, id, value, 0);
                    case SyscallAnswer.Allow _ -> SeccompListener.proceed(listener, id);
                    case SyscallAnswer.Descriptor _, SyscallAnswer.File _, SyscallAnswer.Kill _ ->
                            throw new IllegalArgumentException("not to be sent: " + answer);
                };
        // ENOENT: the thread was killed meanwhile.
        if (result < 0 && !Errno.ENOENT.is(result)) {
            complain(
                    "the answer %s to %s was refused: %s"
                            .formatted(answer, call.call().label(), Errno.nameOf(-result)),
                    null);
        }
    }

    /// The program decides how often something goes wrong: each complaint is made once.
    private void complain(String what, @Nullable Throwable failure) {
        synchronized (this) {
            if (!complaints.add(what)) {
                unsaid++;
                return;
            }
        }
        LOG.atWarn().addKeyValue("sandbox", sandbox).setCause(failure).log(what);
    }

    /// Whether the thread of a call still waits.
    synchronized boolean isWaiting(Notification call) {
        return !closed && SeccompListener.isWaiting(listener, call.id());
    }

    /// Callers that still wait see `ENOSYS` from then on, if they are not dead; handlers that still
    /// think are interrupted. Idempotent.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        registration.cancel();
        if (using == 0) {
            Kernel.close(listener);
        }
        asked.stream().filter(WaitingCall::answered).forEach(WaitingCall::interrupt);
        queue.clear();
        if (unsaid > 0) {
            LOG.atWarn()
                    .addKeyValue("sandbox", sandbox)
                    .addArgument(unsaid)
                    .log("answers to system calls: what was said came {} times more");
        }
    }
}
