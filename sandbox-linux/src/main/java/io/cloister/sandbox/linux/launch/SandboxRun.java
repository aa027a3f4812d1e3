package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.EventLoop.Registration;
import io.cloister.sandbox.linux.io.EventLoop.Timer;
import io.cloister.sandbox.linux.plan.EndReport;
import io.cloister.sandbox.linux.plan.Ending;
import io.cloister.sandbox.linux.program.Errno;
import io.cloister.sandbox.linux.program.StatusTag;

import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/// One launch, from its request to the end of its last process.
///
/// The messages of its status socket drive it, on the loop's thread:
///
/// - CREATED gives a pidfd of the first process; killing that kills everything at once;
/// - STARTED gives a pidfd of the command, which runs now; killing that lets the first process end
///   the rest and report what all used;
/// - ENDED is that report; a failed step comes as its address and error number;
/// - the end of the stream: no process of the launch can say any more.
///
/// The result is known with the report: by then the first process has waited for every other, and
/// all that it still does is exit. The launch is over when it is gone too; whoever cancels waits
/// for that. All state is guarded by this object's monitor.
final class SandboxRun extends SandboxProcess {

    private static final int PIDFDS = 2;

    /// What a Process says whose program never ran, or was lost sight of.
    private static final int LAUNCH_FAILED = 255;

    /// How long the first process may take to end and report after the command was killed.
    private static final Duration REPORT_GRACE = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final RunSettings settings;
    private final Target target;
    private final Streams streams;
    private final int status;
    private final Registration statusRegistration;
    private final long requestedAt = System.nanoTime();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final CompletableFuture<SandboxResult> result = new CompletableFuture<>();

    /// What callers see: their callbacks run on threads of their own, never on the loop's.
    private final Supplier<CompletableFuture<SandboxResult>> published =
            Once.of(() -> result.whenCompleteAsync((_, _) -> {}, Thread::startVirtualThread));

    /// Descriptors that keep room for the pidfds: one is closed before each message.
    private final Deque<Integer> reserve = new ArrayDeque<>();

    private int pidfdsExpected = PIDFDS;
    private int firstProcess = -1;
    private int firstPid;
    private int command = -1;
    private boolean mapsWanted;
    private boolean answered;
    private boolean statusEnded;
    private Optional<Registration> firstRegistration = Optional.empty();
    private Optional<RuntimeException> failure = Optional.empty();
    private Optional<EndReport> report = Optional.empty();
    private Optional<Outcome> killedFor = Optional.empty();
    private Optional<Timer> wallTimer = Optional.empty();
    private Optional<Timer> graceTimer = Optional.empty();
    private Duration elapsed = Duration.ZERO;
    private boolean isStarted;
    private boolean delivered;
    private volatile OptionalInt exitValue = OptionalInt.empty();

    /// @param status the JVM's end of the status socket; closed at its end
    SandboxRun(EventLoop loop, RunSettings settings, Target target, Streams streams, int status) {
        this.loop = loop;
        this.settings = settings;
        this.target = target;
        this.streams = streams;
        this.status = status;
        synchronized (this) {
            for (int i = 0; i < PIDFDS; i++) {
                reserve.push(
                        LaunchErrors.check(
                                SetupStep.OPEN_STREAMS,
                                "room for a pidfd",
                                reserved(Kernel.fcntl(status, F_DUPFD_CLOEXEC, 3))));
            }
            statusRegistration = loop.register(status, EPOLLIN, _ -> onStatus());
            wallTimer =
                    settings.wallTime()
                            .map(limit ->
                                    loop.schedule(
                                            limit,
                                            () -> kill(new Outcome.LimitReached(Limit.WALL_TIME))));
        }
    }

    /// `descriptor`, or an error after giving back what is held.
    private int reserved(int descriptor) {
        if (descriptor < 0) {
            releaseReserve();
        }
        return descriptor;
    }

    private void releaseReserve() {
        reserve.forEach(Kernel::close);
        reserve.clear();
    }

    /// Forgets everything: the request was not sent, and the caller undoes the rest.
    synchronized void neverSent() {
        delivered = true;
        statusEnded = true;
        wallTimer.ifPresent(Timer::cancel);
        releaseReserve();
        statusRegistration.close();
    }

    /// Runs `action` when no process of the launch is left.
    void onGone(Runnable action) {
        gone.whenComplete((_, _) -> action.run());
    }

    /// Waits until the program has been executed, or throws why not. When it throws, no process of
    /// the launch is left.
    void awaitStart() {
        try {
            started.join();
        } catch (CompletionException e) {
            throw LaunchErrors.thrownHere(e.getCause());
        }
    }

    private synchronized void onStatus() {
        while (!statusEnded) {
            if (!reserve.isEmpty()) {
                Kernel.close(reserve.pop());
            }
            Packets.Packet packet = Packets.receive(status);
            if (packet.descriptors().isEmpty() && pidfdsExpected > reserve.size()) {
                // Not this message: the room is kept for the one that comes.
                int room = Kernel.fcntl(status, F_DUPFD_CLOEXEC, 3);
                if (room >= 0) {
                    reserve.push(room);
                }
            }
            pidfdsExpected -= packet.descriptors().size();
            if (Errno.EAGAIN.is(packet.result())) {
                return;
            }
            if (packet.result() <= 0) {
                onStatusEnd();
                return;
            }
            onMessage(packet);
        }
    }

    private void onMessage(Packets.Packet packet) {
        ByteBuffer words = ByteBuffer.wrap(packet.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        long tag = words.getLong();
        if (tag == StatusTag.CREATED) {
            answer();
            onCreated((int) words.getLong(), packet);
        } else if (tag == StatusTag.STARTED) {
            onStarted(packet);
        } else if (tag == StatusTag.ENDED) {
            report = Optional.of(EndReport.read(packet.bytes()));
            if (failure.isEmpty() && killedFor.isEmpty()) {
                target.ending().run();
                deliver();
            }
        } else if (tag == StatusTag.WAITING_FOR_MAPS) {
            mapsWanted = true;
            writeMaps();
        } else if (tag == StatusTag.COMMAND_ENDED) {
            int pid = firstPid;
            Thread.startVirtualThread(() -> Descendants.kill(pid, gone::isDone));
        } else {
            long error = words.getLong();
            fail(
                    settings.program()
                            .stepAt(tag)
                            .map(step -> (RuntimeException) LaunchErrors.of(step, error))
                            .orElseGet(
                                    () -> LaunchErrors.of(SetupStep.SUPERVISE, "unknown", error)));
        }
    }

    private void onCreated(int pid, Packets.Packet packet) {
        if (pid < 0) {
            fail(
                    LaunchErrors.of(
                            SetupStep.CREATE_NAMESPACES,
                            settings.namespaces().toString(),
                            (long) pid));
            return;
        }
        if (packet.descriptors().isEmpty()) {
            lostPidfd();
            return;
        }
        firstPid = pid;
        firstProcess = packet.descriptors().getFirst();
        try {
            firstRegistration =
                    Optional.of(loop.register(firstProcess, EPOLLIN, _ -> onFirstProcessGone()));
        } catch (SandboxException e) {
            // Its end could not be noticed: it ends with its launcher, and the status socket tells.
            fail(e);
            Kernel.close(firstProcess);
            firstProcess = -1;
            target.zygote().end();
            return;
        }
        if (killedFor.isPresent()) {
            Kernel.pidfdSendSignal(firstProcess, SIGKILL);
        }
        writeMaps();
    }

    /// The kernel drops a descriptor that finds no room, and somebody took the room that was set
    /// aside. A sandbox that cannot be ended by itself must not go on: its launcher ends, and takes
    /// it along.
    private void lostPidfd() {
        fail(LaunchErrors.of(SetupStep.OPEN_STREAMS, "pidfd", Errno.EMFILE.negated()));
        target.zygote().end();
    }

    private void writeMaps() {
        if (mapsWanted && firstPid > 0) {
            mapsWanted = false;
            int pid = firstPid;
            Thread.startVirtualThread(() -> writeMaps(pid));
        }
    }

    /// Off the loop's thread: an ordinary user's maps are written by a program.
    private void writeMaps(int pid) {
        Optional<RuntimeException> problem = settings.maps().write(pid);
        synchronized (this) {
            problem.ifPresent(this::fail);
            if (problem.isPresent()) {
                killFirstProcess();
            } else if (!statusEnded) {
                byte[] go = new byte[8];
                Kernel.write(status, go, 0, go.length);
            }
        }
    }

    private void onStarted(Packets.Packet packet) {
        if (failure.isPresent()) {
            packet.descriptors().forEach(Kernel::close);
            return;
        }
        if (packet.descriptors().isEmpty()) {
            lostPidfd();
            return;
        }
        command = packet.descriptors().getFirst();
        if (killedFor.isPresent()) {
            Kernel.pidfdSendSignal(command, SIGKILL);
        }
        streams.startPumps(this::abort);
        isStarted = true;
        started.complete(null);
    }

    private void onStatusEnd() {
        statusEnded = true;
        releaseReserve();
        statusRegistration.close();
        answer();
        if (firstProcess < 0) {
            // Nothing was made, or what was made is gone with the launcher.
            over();
        }
    }

    private void answer() {
        if (!answered) {
            answered = true;
            target.zygote().answered();
        }
    }

    private synchronized void onFirstProcessGone() {
        firstRegistration.ifPresent(Registration::cancel);
        onStatus();
        if (!statusEnded) {
            onStatusEnd();
        }
        over();
    }

    /// Ends the run because the JVM cannot do its part, for example store the output.
    void abort(Throwable why) {
        synchronized (this) {
            if (!delivered) {
                fail(problem(why));
            }
        }
        kill(new Outcome.Cancelled(Duration.ofNanos(System.nanoTime() - requestedAt)));
    }

    private void fail(RuntimeException why) {
        if (failure.isEmpty()) {
            failure = Optional.of(why);
        }
    }

    /// No process of this launch is left.
    private void over() {
        closePidfds();
        target.release().run();
        gone.complete(null);
        deliver();
    }

    private void closePidfds() {
        for (int fd : new int[] {firstProcess, command}) {
            if (fd >= 0) {
                Kernel.close(fd);
            }
        }
        firstProcess = -1;
        command = -1;
    }

    /// Makes the result known, once the last byte of output is stored.
    private void deliver() {
        if (delivered) {
            return;
        }
        delivered = true;
        wallTimer.ifPresent(Timer::cancel);
        graceTimer.ifPresent(Timer::cancel);
        elapsed = Duration.ofNanos(System.nanoTime() - requestedAt);
        try {
            if (isStarted) {
                streams.finish().whenComplete((_, problem) -> completeOrFail(problem));
            } else {
                streams.abandon();
                completeOrFail(null);
            }
        } catch (RuntimeException | Error e) {
            completeExceptionally(e);
            streams.abandon();
        }
    }

    /// Whatever goes wrong, somebody waits for the result.
    private void completeOrFail(@Nullable Throwable streamProblem) {
        try {
            complete(streamProblem);
        } catch (RuntimeException | Error e) {
            completeExceptionally(e);
        }
    }

    private void completeExceptionally(Throwable why) {
        exitValue = OptionalInt.of(LAUNCH_FAILED);
        result.completeExceptionally(why);
        started.completeExceptionally(why);
    }

    private synchronized Optional<RuntimeException> failure() {
        return failure;
    }

    private synchronized Ending ending() {
        return new Ending(
                report, killedFor, settings.cpuTime(), settings.fileSizeLimited(), elapsed);
    }

    private void complete(@Nullable Throwable streamProblem) {
        Ending ending = ending();
        Optional<RuntimeException> failed = failure();
        Optional<RuntimeException> why =
                failed.or(() ->
                        ending.killedFor().isEmpty()
                                ? Optional.ofNullable(streamProblem).map(SandboxRun::problem)
                                : Optional.empty());
        if (why.isEmpty() && ending.outcome().isEmpty()) {
            why =
                    Optional.of(
                            new SandboxException(
                                    "the sandbox was ended from outside: its first process or the"
                                            + " launcher was killed"));
        }
        if (why.isPresent()) {
            completeExceptionally(why.get());
            return;
        }
        Outcome outcome = ending.outcome().orElseThrow();
        exitValue = OptionalInt.of(ending.exitValue());
        result.complete(
                SandboxResult.of(
                        outcome,
                        ending.usage(),
                        streams.capturedOut(),
                        streams.capturedErr(),
                        settings.enforced()));
        started.complete(null);
    }

    private static RuntimeException problem(Throwable streamProblem) {
        Throwable cause =
                streamProblem instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : streamProblem;
        return cause instanceof RuntimeException runtime
                ? runtime
                : new SandboxException("a stream failed: " + cause, cause);
    }

    /// Kills everything, for a reason; the first reason counts.
    void kill(Outcome reason) {
        synchronized (this) {
            boolean late = delivered;
            if (killedFor.isPresent() || result.isDone() || late && !isOutput(reason)) {
                return;
            }
            killedFor = Optional.of(reason);
            if (late) {
                // The command has ended, and its last output was too much.
                return;
            }
            if (command >= 0) {
                Kernel.pidfdSendSignal(command, SIGKILL);
                graceTimer = Optional.of(loop.schedule(REPORT_GRACE, this::killFirstProcess));
            } else {
                killFirstProcess();
            }
        }
    }

    private static boolean isOutput(Outcome reason) {
        return reason.equals(new Outcome.LimitReached(Limit.OUTPUT));
    }

    private synchronized void killFirstProcess() {
        if (firstProcess >= 0) {
            Kernel.pidfdSendSignal(firstProcess, SIGKILL);
        }
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return published.get();
    }

    @Override
    public SandboxResult waitForResult() throws InterruptedException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            cancel();
            throw e;
        } catch (ExecutionException e) {
            throw LaunchErrors.thrownHere(e.getCause());
        }
    }

    @Override
    public boolean isAlive() {
        return !result.isDone();
    }

    @Override
    public void signal(Signal signal) {
        synchronized (this) {
            if (command >= 0) {
                Kernel.pidfdSendSignal(command, signal.number());
            }
        }
    }

    @Override
    public void cancel() {
        kill(new Outcome.Cancelled(Duration.ofNanos(System.nanoTime() - requestedAt)));
        gone.join();
        // The result follows at once, but for pumps that still store what was written.
        result.handle((_, _) -> true).join();
    }

    @Override
    public OutputStream getOutputStream() {
        return streams.stdin();
    }

    @Override
    public InputStream getInputStream() {
        return streams.stdout();
    }

    @Override
    public InputStream getErrorStream() {
        return streams.stderr();
    }

    @Override
    public synchronized long pid() {
        return ProcessIds.ofPidfd(command).orElse(-1);
    }

    @Override
    public void destroy() {
        signal(Signal.TERM);
    }

    @Override
    public Process destroyForcibly() {
        kill(new Outcome.Cancelled(Duration.ofNanos(System.nanoTime() - requestedAt)));
        return this;
    }

    @Override
    public int exitValue() {
        return exitValue.orElseThrow(
                () -> new IllegalThreadStateException("the command has not ended"));
    }
}
