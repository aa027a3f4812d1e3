package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PausedTime;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxTerminal;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Packets;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.EventLoop.Registration;
import io.cloister.sandbox.linux.io.EventLoop.Timer;
import io.cloister.sandbox.linux.plan.Bounds;
import io.cloister.sandbox.linux.plan.EndReport;
import io.cloister.sandbox.linux.plan.Ending;
import io.cloister.sandbox.linux.plan.GroupEnd;
import io.cloister.sandbox.linux.plan.Kill;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.policy.ResourceLimits;

import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

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

    /// How many messages come with pidfds.
    private static final int PIDFDS = 2;

    /// How long the first process may take to end and report after the command was killed.
    private static final Duration REPORT_GRACE = Duration.ofSeconds(2);

    private final EventLoop loop;
    private volatile RunSettings settings;
    private final Target target;
    private final Streams streams;
    private final StatusSocket status;
    private final Watch watch;
    private final LiveLimits live;
    private final RunTrail trail;
    private final RunResult result;
    private final RunAccount account;
    private final RunProcesses processes;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private int firstPid;
    private long sentAt;
    private boolean mapsWanted;
    private boolean answered;
    private Optional<Registration> firstRegistration = Optional.empty();
    private Optional<CallAnswers> answers = Optional.empty();
    private Optional<RuntimeException> failure = Optional.empty();
    private Optional<EndReport> report = Optional.empty();
    private Optional<Kill> killed = Optional.empty();
    private Optional<Timer> graceTimer = Optional.empty();
    private Optional<Ending> ending = Optional.empty();
    private boolean isStarted;
    private volatile Map<Namespace, Long> namespaceIds = Map.of();
    private boolean delivered;
    private long deliveredAt;

    /// @param status the JVM's end of the status socket; closed at its end
    /// @param trail what is said of it
    SandboxRun(
            EventLoop loop,
            RunSettings settings,
            Target target,
            Streams streams,
            int status,
            RunTrail trail) {
        this.loop = loop;
        this.settings = settings;
        this.target = target;
        this.streams = streams;
        this.trail = trail;
        processes = new RunProcesses(settings.plan().isTreeByDomain());
        RunSettings kept = settings.serves() ? settings.withoutBytes() : settings;
        result = new RunResult(kept, streams, trail, this::joinedEnd);
        synchronized (this) {
            this.status = new StatusSocket(loop, status, messagesWithDescriptors(), this::onStatus);
            try {
                watch =
                        new Watch(
                                loop,
                                settings.policy().spec().limits(),
                                settings.policy().limitPlan(),
                                settings.runGroup(),
                                new Watch.Watched(
                                        trail.sandbox(),
                                        this::guarded,
                                        this::kill,
                                        this::abort,
                                        streams::outputBytes,
                                        settings.serves()
                                                ? Optional.of(this::rest)
                                                : Optional.empty()));
            } catch (RuntimeException e) {
                this.status.abandon();
                throw e;
            }
            account = new RunAccount(kept, watch);
        }
        live =
                new LiveLimits(
                        settings.policy(),
                        settings.runGroup(),
                        watch,
                        new LiveLimits.Run(
                                this::guarded,
                                () -> delivered || killed.isPresent(),
                                this::kill,
                                this::abort));
    }

    private int messagesWithDescriptors() {
        int listeners = settings.policy().filter().listened() ? 1 : 0;
        int terminals = target.footing().terminal() == TerminalSource.OWN ? 1 : 0;
        return PIDFDS + listeners + terminals;
    }

    private synchronized void guarded(Runnable action) {
        action.run();
    }

    /// The inodes of the pipes between the program and the JVM; see [Streams#inodes()].
    Set<Long> inodes() {
        return streams.inodes();
    }

    /// Whether the JVM is told of system calls: one that seems to wait may wait for its answer.
    boolean isListened() {
        return settings.policy().filter().listened();
    }

    /// When the command ended, in nanoTime: by the clock of the first process, where that is ours.
    synchronized long endedAt() {
        boolean sameClock = settings.policy().spec().clockOffsets().isEmpty();
        return report.filter(_ -> sameClock).map(EndReport::endedAt).orElse(deliveredAt);
    }

    /// To be called just before the request is sent.
    void sending() {
        sentAt = System.nanoTime();
    }

    /// Sends a process that stands by what to execute.
    ///
    /// @param created the message that it was created, if it has come
    /// @param send sends, and says whether somebody was there
    synchronized boolean order(Optional<Packets.Packet> created, BooleanSupplier send) {
        sending();
        // Its socket may have ended, and its number be another's already.
        boolean sent = !status.isEnded() && failure.isEmpty() && send.getAsBoolean();
        if (sent && created.isPresent()) {
            status.begin(created.get(), this::onMessage);
        }
        return sent;
    }

    /// Forgets everything: the process that stood by is gone.
    synchronized void neverTaken() {
        answer();
        neverSent();
        firstRegistration.ifPresent(Registration::cancel);
        processes.close();
    }

    /// Forgets everything: the request was not sent, and the caller undoes the rest.
    synchronized void neverSent() {
        delivered = true;
        watch.close();
        status.end();
    }

    /// Runs `action` when no process of the launch is left.
    void onGone(Runnable action) {
        gone.whenComplete((_, _) -> action.run());
    }

    /// Waits until no process of the launch is left.
    void awaitGone() {
        gone.join();
    }

    /// Waits until no process of the launch is left, but not for longer than `patience`.
    void awaitGone(Duration patience) {
        gone.copy().completeOnTimeout(null, patience.toNanos(), TimeUnit.NANOSECONDS).join();
    }

    /// Waits until the program has been executed, or throws why not. When it throws, no process of
    /// the launch is left.
    void awaitStart() {
        result.awaitStart();
    }

    private synchronized void onStatus() {
        if (!status.isEnded() && !status.receive(this::onMessage)) {
            onStatusEnd();
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
            blameSession();
            // What the run has left is removed before anyone hears of its end.
            if (failure.isEmpty() && killed.isEmpty() && settings.left().isEmpty()) {
                target.ending().run();
                deliver();
            }
        } else if (tag == StatusTag.TERMINAL) {
            onTerminal(packet);
        } else if (tag == StatusTag.LISTENER) {
            onListener(packet);
        } else if (tag == StatusTag.READY) {
            // The process of the command was made ahead.
            return;
        } else if (tag == StatusTag.NAMESPACES) {
            Map<Namespace, Long> ids = new EnumMap<>(Namespace.class);
            for (Namespace namespace : Namespace.values()) {
                ids.put(namespace, words.getLong());
            }
            namespaceIds = Collections.unmodifiableMap(ids);
        } else if (tag == StatusTag.WAITING_FOR_MAPS) {
            mapsWanted = true;
            writeMaps();
        } else if (tag == StatusTag.COMMAND_ENDED) {
            // As the host sees it: the launcher may live in a PID namespace of its own.
            endDescendants(() -> {});
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

    /// Who is killed for want of memory may have been killed for a limit of the session.
    private void blameSession() {
        if (killed.isEmpty()
                && report.orElseThrow().signal() == SIGKILL
                && settings.part() instanceof RunSettings.Part.Within(SandboxRun session)) {
            account.blame(session.account)
                    .ifPresent(blame -> {
                        killed = Optional.of(blame.kill());
                        if (blame.ofAll()) {
                            Thread.startVirtualThread(() -> session.kill(blame.kill()));
                        }
                    });
        }
    }

    /// Its control group, for those of commands below it.
    RunAccount account() {
        return account;
    }

    /// What is said of it.
    RunTrail trail() {
        return trail;
    }

    /// How it ended, for commands that end with it.
    RunResult result() {
        return result;
    }

    /// What holds for it.
    List<Enforcement> enforced() {
        return settings.enforced();
    }

    private void onCreated(int pid, Packets.Packet packet) {
        if (pid < 0) {
            boolean below =
                    settings.part() instanceof RunSettings.Part.Within
                            && target.footing().ownGroup();
            fail(
                    below
                            ? LaunchErrors.of(
                                    SetupStep.LIMITS,
                                    "birth into the control group of the command",
                                    (long) pid)
                            : LaunchErrors.of(
                                    SetupStep.CREATE_NAMESPACES,
                                    settings.plan().newNamespaces().toString(),
                                    (long) pid));
            return;
        }
        if (packet.descriptors().isEmpty()) {
            lostPidfd();
            return;
        }
        firstPid = pid;
        int pidfd = packet.descriptors().getFirst();
        try {
            firstRegistration =
                    Optional.of(loop.register(pidfd, EPOLLIN, _ -> onFirstProcessGone()));
        } catch (SandboxException e) {
            // Its end could not be noticed: it ends with its launcher, and the status socket tells.
            fail(e);
            Kernel.close(pidfd);
            target.zygote().end();
            return;
        }
        processes.firstIs(pidfd);
        if (killed.isPresent() || failure.isPresent()) {
            processes.killFirst();
        }
        writeMaps();
    }

    private void onTerminal(Packets.Packet packet) {
        if (packet.descriptors().isEmpty()) {
            fail(LaunchErrors.of(SetupStep.TERMINAL, "hand over", Errno.EMFILE.negated()));
            processes.killFirst();
            return;
        }
        try {
            streams.attach(packet.descriptors().getFirst());
            status.answer();
        } catch (RuntimeException e) {
            fail(e);
            processes.killFirst();
        }
    }

    private void onListener(Packets.Packet packet) {
        if (packet.descriptors().isEmpty()) {
            lostPidfd();
            return;
        }
        try {
            answers =
                    Optional.of(
                            new CallAnswers(
                                    trail.sandbox(),
                                    loop,
                                    packet.descriptors().getFirst(),
                                    settings.policy().spec().syscalls(),
                                    settings.policy().handlers(),
                                    this::kill));
        } catch (SandboxException e) {
            fail(e);
            processes.killFirst();
        }
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
                processes.killFirst();
            } else {
                status.answer();
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
        if (settings.serves()) {
            processes.rootIs(packet.descriptors().getFirst());
        } else {
            processes.commandIs(packet.descriptors().getFirst());
        }
        try {
            begin(packet);
        } catch (RuntimeException e) {
            fail(e);
            processes.killFirst();
        }
    }

    private void begin(Packets.Packet packet) {
        List<String> filesystems = settings.plan().mounts().filesystems();
        StartReport start = StartReport.read(packet.bytes());
        account.setUp(start.setUpNanos());
        watch.started(
                processes::firstId,
                account::foreignNanos,
                new FullFilesystems(
                        filesystems,
                        packet.descriptors().subList(1, packet.descriptors().size()),
                        start.rooms()));
        if (killed.isPresent() && !processes.killCommand()) {
            processes.killFirst();
        }
        streams.startPumps(this::abort);
        isStarted = true;
        if (settings.serves()) {
            // It lives long, and what it did is done.
            settings = settings.withoutBytes();
        }
        if (settings.part() instanceof RunSettings.Part.Within(SandboxRun session)) {
            session.watch.wake();
        }
        result.started();
    }

    private void onStatusEnd() {
        status.end();
        answer();
        if (!processes.hasFirst()) {
            // Nothing was made, or what was made is gone with the launcher.
            over();
        }
    }

    private void answer() {
        if (!answered) {
            answered = true;
            target.answered().run();
        }
    }

    private synchronized void onFirstProcessGone() {
        firstRegistration.ifPresent(Registration::cancel);
        onStatus();
        if (!status.isEnded()) {
            onStatusEnd();
        }
        over();
    }

    /// Ends the run because the JVM cannot do its part, for example store the output.
    void abort(Throwable why) {
        synchronized (this) {
            if (!delivered) {
                fail(RunResult.problem(why));
            }
        }
        kill(cancelled());
    }

    private Kill cancelled() {
        Duration after = Duration.ofNanos(System.nanoTime() - trail.requestedAt());
        return new Kill(
                new Outcome.Cancelled(after),
                "killed by the caller "
                        + Units.showDuration(after)
                        + " after the launch was asked for");
    }

    /// Ends the run because the session that it joins has ended.
    void endWithJoined() {
        kill(joinedEnd());
    }

    /// Ends the run because its session has ended, and for what that ended.
    void endWith(SandboxRun session) {
        Optional<Kill> why;
        synchronized (session) {
            why = session.killed;
        }
        kill(why.orElseGet(this::cancelled));
    }

    private Kill joinedEnd() {
        Duration after = Duration.ofNanos(System.nanoTime() - trail.requestedAt());
        return new Kill(
                new Outcome.Cancelled(after),
                "ended with the session that it had joined, or the pod that it was a member of, "
                        + Units.showDuration(after)
                        + " after the launch was asked for");
    }

    private void fail(RuntimeException why) {
        if (failure.isEmpty()) {
            failure = Optional.of(why);
        }
    }

    /// No process of this launch is left. Whatever goes wrong, somebody waits for the end.
    private void over() {
        attempt(this::settle);
        attempt(watch::close);
        answers.ifPresent(it -> attempt(it::close));
        attempt(processes::close);
        Optional<RunGroup> group = settings.runGroup();
        boolean sharesProcesses = group.isPresent() && !settings.plan().isNew(Namespace.PID);
        if (sharesProcesses || settings.left().isPresent()) {
            // What the command left among the host's processes is in its group still. To end it,
            // and to remove its files, may take a while, for which the loop must not wait.
            Thread.ofPlatform()
                    .daemon()
                    .name("cloister-left")
                    .start(() -> {
                        if (sharesProcesses) {
                            attempt(group.orElseThrow()::kill);
                        }
                        settings.left().ifPresent(this::attempt);
                        guarded(this::release);
                    });
        } else {
            release();
        }
    }

    private void release() {
        settings.runGroup().ifPresent(group -> attempt(group::close));
        attempt(target.release());
        gone.complete(null);
        deliver();
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            trail.notCleaned(e);
        }
    }

    /// Puts together what is known of the end, while the control group still tells.
    private void settle() {
        if (ending.isPresent()) {
            return;
        }
        Optional<GroupEnd> told = Optional.empty();
        List<String> full = List.of();
        try {
            told = account.end();
            full = watch.full();
        } catch (RuntimeException e) {
            fail(new SandboxException("the control group could not be read at the end", e));
        }
        ResourceLimits limits = watch.limits();
        Bounds bounds =
                new Bounds(
                        limits.cpuTime(),
                        limits.wallTime(),
                        settings.policy().fileSizeLimited(),
                        settings.policy().filter().listened() && answers.isEmpty());
        Duration elapsed = Duration.ofNanos(System.nanoTime() - trail.requestedAt());
        Ending.Clocks clocks =
                new Ending.Clocks(trail.requestedAt(), sentAt, elapsed, watch.pausedTime());
        ending = Optional.of(new Ending(report, killed, bounds, told, full, clocks));
    }

    /// Makes the result known, once the last byte of output is stored.
    private void deliver() {
        if (delivered) {
            return;
        }
        delivered = true;
        deliveredAt = System.nanoTime();
        settle();
        watch.stop();
        graceTimer.ifPresent(Timer::cancel);
        try {
            if (isStarted) {
                streams.finish().whenComplete((_, problem) -> completeOrFail(problem));
            } else {
                streams.abandon();
                completeOrFail(null);
            }
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
            streams.abandon();
        }
    }

    /// Whatever goes wrong, somebody waits for the result.
    private void completeOrFail(@Nullable Throwable streamProblem) {
        try {
            result.complete(failure(), ending(), streamProblem);
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    private synchronized Optional<RuntimeException> failure() {
        return failure;
    }

    /// The ending, with the kill record that came with the last output.
    private synchronized Ending ending() {
        return ending.orElseThrow().killed(killed);
    }

    /// Its processes.
    RunProcesses processes() {
        return processes;
    }

    /// Its namespaces, for a sandbox that stays.
    Map<Namespace, Long> namespaceIds() {
        return namespaceIds;
    }

    /// The file systems in memory as they are now, by their places.
    Map<String, StartReport.Room> rooms() {
        return watch.rooms();
    }

    /// The host user that is set aside for it, or the JVM's own.
    int hostUser() {
        return target.footing().uid();
    }

    /// Somebody comes into this sandbox that stays: it is watched from when they have begun until
    /// they have left.
    void enter() {
        watch.enter();
    }

    /// They have begun.
    void begun() {
        watch.wake();
    }

    /// Whether none of its processes is left, since its supervisor has said so, or never made the
    /// command.
    synchronized boolean isWaitedFor() {
        return report.isPresent() || failure.isPresent() && !isStarted;
    }

    /// What limit of its group was reached, if one was.
    Optional<Kill> breach() {
        return watch.breach();
    }

    /// They have left.
    void leave() {
        watch.leave();
    }

    /// Nobody is in this sandbox that stays: it needs few descriptors until somebody comes.
    private void rest() {
        settings.runGroup().ifPresent(RunGroup::rest);
        target.zygote().rest();
    }

    /// How it was set up.
    LaunchPlan plan() {
        return settings.plan();
    }

    /// Its clocks stop, since its session is paused.
    void clocksStop(PausedTime time) {
        guarded(() -> {
            if (!watch.isPaused()) {
                watch.paused(time);
            }
        });
    }

    /// Its clocks go on.
    void clocksGoOn() {
        guarded(() -> {
            if (watch.isPaused()) {
                watch.resumed();
            }
        });
    }

    /// Kills everything, for a reason; the first reason counts.
    void kill(Kill kill) {
        synchronized (this) {
            boolean late = delivered;
            if (killed.isPresent() || result.isDone() || late && !isOutput(kill.reason())) {
                return;
            }
            killed = Optional.of(kill);
            if (late) {
                // The command has ended, and its last output was too much.
                return;
            }
            if (processes.killCommand() || isForbiddenCall(kill.reason())) {
                // If there is no command, the first process has yet to say that the program runs;
                // until it does, the thread that made the call waits in the kernel.
                graceTimer = Optional.of(loop.schedule(REPORT_GRACE, this::onLateReport));
            } else {
                processes.killFirst();
            }
            if (live.isPaused() && settings.runGroup().isPresent()) {
                // What is frozen does not die everywhere; to thaw may take a while.
                Thread.startVirtualThread(() -> attempt(this::resume));
            }
        }
    }

    /// A busy machine, or one that swaps, may keep the first process from its report for long.
    /// Where its descendants would outlive it they are ended first.
    private void onLateReport() {
        LaunchPlan plan = settings.plan();
        if (plan.isNew(Namespace.PID) || plan.isTreeByDomain()) {
            processes.killFirst();
        } else {
            endDescendants(processes::killFirst);
        }
    }

    /// @param afterwards called when nothing more can be done about them
    private void endDescendants(Runnable afterwards) {
        processes
                .firstId()
                .ifPresent(pid ->
                        Thread.startVirtualThread(() -> {
                            Descendants.kill(Math.toIntExact(pid), gone::isDone);
                            afterwards.run();
                        }));
    }

    private static boolean isForbiddenCall(Outcome reason) {
        return reason instanceof Outcome.PolicyViolated;
    }

    private static boolean isOutput(Outcome reason) {
        return reason.equals(new Outcome.LimitReached(Limit.OUTPUT));
    }

    @Override
    public CompletableFuture<SandboxResult> onResult() {
        return result.published();
    }

    @Override
    public SandboxResult waitForResult() throws InterruptedException {
        try {
            return result.await();
        } catch (InterruptedException e) {
            cancel();
            throw e;
        }
    }

    @Override
    public boolean isAlive() {
        return !result.isDone();
    }

    @Override
    public ResourceUsage usage() {
        Optional<Ending> end;
        synchronized (this) {
            end = ending;
        }
        // To look may take a while, for which the loop must not wait.
        return end.map(Ending::usage).orElseGet(watch::usage);
    }

    @Override
    public void pause(PausedTime time) {
        live.pause(time);
    }

    @Override
    public void resume() {
        live.resume();
    }

    @Override
    public void changeLimits(UnaryOperator<ResourceLimits> change) {
        live.change(change);
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        processes.signal(signal, scope, settings.plan());
    }

    @Override
    public CompletableFuture<SandboxResult> terminate(Duration grace) {
        requireNotNegative(grace);
        signal(Signal.TERM);
        Timer timer =
                loop.schedule(
                        grace,
                        () ->
                                kill(
                                        new Kill(
                                                cancelled().reason(),
                                                "killed by the caller, since it had not ended "
                                                        + Units.showDuration(grace)
                                                        + " after SIGTERM")));
        result.whenDone(timer::cancel);
        return onResult();
    }

    @Override
    public void cancel() {
        kill(cancelled());
        gone.join();
        // The result follows at once, but for pumps that still store what was written.
        result.awaitEnd();
    }

    @Override
    public Optional<SandboxTerminal> terminal() {
        return streams.terminal().map(terminal -> terminal);
    }

    @Override
    public SocketChannel socket() {
        return streams.socket().map(ProgramSocket::ours).orElseGet(super::socket);
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
    public long pid() {
        return processes.commandId().orElse(-1);
    }

    @Override
    public OptionalLong pidInside() {
        return processes.commandInside();
    }

    @Override
    public void destroy() {
        signal(Signal.TERM);
    }

    @Override
    public Process destroyForcibly() {
        kill(cancelled());
        return this;
    }

    @Override
    public int exitValue() {
        return result.exitValue()
                .orElseThrow(() -> new IllegalThreadStateException("the command has not ended"));
    }
}
