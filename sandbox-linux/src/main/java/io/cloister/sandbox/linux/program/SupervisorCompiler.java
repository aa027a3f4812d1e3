package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.util.ArrayList;
import java.util.List;

/// Writes what the first process does while the command runs: it says that the command has started,
/// lets go of every descriptor but the status socket, reaps, and when the command has ended kills
/// what is left, waits for it, and reports with the resource usage of all.
final class SupervisorCompiler {

    /// tag, wait status, start (2 words), end (2 words), struct rusage of all that were waited for,
    /// own start (2 words), execution (2 words).
    private static final int REPORT_SIZE = 80 + RUSAGE_SIZE;

    /// struct statfs, with f_bfree and f_ffree.
    private static final int STATFS_SIZE = 120;

    private static final int FREE_BLOCKS = 24;

    /// Where the rooms stand in the message that the command has started.
    private static final int ROOMS = 48;

    private static final int FREE_INODES = 48;

    private static final int CREATED = 48 + RUSAGE_SIZE;

    /// sizeof(siginfo_t).
    private static final int SIGINFO_SIZE = 128;

    /// Where siginfo_t has si_value, of a signal that was queued.
    private static final int SIGINFO_VALUE = 24;

    /// sizeof(sigset_t) of the kernel.
    private static final int SIGNAL_MASK_SIZE = 8;

    private final ProgramBuilder b;
    private final LaunchPlan plan;
    private final CommandCompiler.Running running;
    private final Looks looks;

    /// A file system in memory.
    ///
    /// @param descriptor where its descriptor stands
    /// @param status where its struct statfs stands, from before the command was started
    record Room(Address descriptor, Address status) {}

    /// What is looked at before the command can change it.
    ///
    /// @param usage where the struct rusage of the first process stands
    /// @param rooms the file systems in memory
    record Looks(Address usage, List<Room> rooms) {}

    /// Writes the looks.
    static Looks look(ProgramBuilder b, List<Address> descriptors) {
        b.step(SetupStep.SUPERVISE, "own usage, room in file systems");
        List<Room> rooms = new ArrayList<>();
        for (Address descriptor : descriptors) {
            Address status = b.zeros(STATFS_SIZE);
            b.call(Call.FSTATFS, descriptor.loaded(), status);
            rooms.add(new Room(descriptor, status));
        }
        Address usage = b.zeros(RUSAGE_SIZE);
        b.call(Call.GETRUSAGE, number(RUSAGE_SELF), usage);
        return new Looks(usage, List.copyOf(rooms));
    }

    /// A sandbox that stays says that it takes commands.
    ///
    /// @param root where a descriptor of its root stands
    static void announceServer(ProgramBuilder b, Address root, Looks looks) {
        b.step(SetupStep.SUPERVISE, "say that it serves");
        int rooms = looks.rooms().size();
        Address control = b.control(1 + rooms);
        b.set(control.plus(ProgramBuilder.DESCRIPTORS), root.loaded());
        say(b, b.zeros(8), control, looks);
    }

    private static void say(ProgramBuilder b, Address child, Address control, Looks looks) {
        int length = ROOMS + 16 * looks.rooms().size();
        Address payload = b.zeros(length);
        b.set(payload, number(StatusTag.STARTED));
        b.set(payload.plus(8), child.loaded());
        for (int i = 0; i < 4; i++) {
            b.set(payload.plus(16 + 8 * i), looks.usage().plus(8 * i).loaded());
        }
        for (int i = 0; i < looks.rooms().size(); i++) {
            Room free = looks.rooms().get(i);
            b.set(
                    control.plus(ProgramBuilder.DESCRIPTORS + 4 * (1 + i)),
                    free.descriptor().loaded());
            b.set(payload.plus(ROOMS + 16 * i), free.status().plus(FREE_BLOCKS).loaded());
            b.set(payload.plus(ROOMS + 8 + 16 * i), free.status().plus(FREE_INODES).loaded());
        }
        Address header =
                b.message(
                        payload,
                        length,
                        control,
                        ProgramBuilder.controlLength(1 + looks.rooms().size()));
        b.call(Call.SENDMSG, number(LaunchCompiler.STATUS), header, number(MSG_NOSIGNAL));
    }

    /// @param looks what was seen before the command was started
    SupervisorCompiler(
            ProgramBuilder b, LaunchPlan plan, CommandCompiler.Running running, Looks looks) {
        this.b = b;
        this.plan = plan;
        this.running = running;
        this.looks = looks;
    }

    void write() {
        Address child = running.child();
        Address start = running.start();
        // The child may have moved the status socket in its own table, and memory is shared.
        b.set(running.status(), number(LaunchCompiler.STATUS));
        boolean killsAll = plan.isNew(Namespace.PID) || plan.isTreeByDomain();
        Address signals = b.words(number(signals()));
        if (killsAll) {
            // Before anyone hears of this process, who might send it one.
            b.step(SetupStep.SUPERVISE, "take signals one by one");
            b.call(
                    Call.RT_SIGPROCMASK,
                    number(SIG_BLOCK),
                    signals,
                    number(0),
                    number(SIGNAL_MASK_SIZE));
        }
        b.step(SetupStep.SUPERVISE, "say that it runs");
        say(b, child, running.control(), looks);
        b.call(Call.CLOSE_RANGE, number(0), number(2), number(0));
        b.call(Call.CLOSE_RANGE, number(4), number(-1), number(0));
        Address report = b.zeros(REPORT_SIZE);
        Address reaped = b.zeros(8);
        Label wait = new Label();
        Label ended = new Label();
        if (killsAll) {
            waitForCommand(child, report, reaped, signals, ended);
        } else {
            b.step(SetupStep.SUPERVISE, "wait for the command");
            b.place(wait);
            b.call(Call.WAIT4, number(-1), report.plus(8), number(WALL), number(0)).store(reaped);
            b.jumpIfEqual(reaped.loaded(), child.loaded(), ended);
            b.jump(wait);
        }
        b.place(ended);
        b.call(Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), report.plus(32));
        Label none = new Label();
        if (!killsAll) {
            // Without a PID namespace of this command, "everyone else" would be everyone on the
            // host, or all other commands. The JVM ends what is left, if anything is, and this
            // process goes on waiting for its descendants.
            b.step(SetupStep.SUPERVISE, "ask for the end of the rest");
            b.call(Call.WAIT4, number(-1), reaped, number(WALL | WNOHANG), number(0)).onError(none);
            b.set(report, number(StatusTag.COMMAND_ENDED));
            b.call(Call.WRITE, number(LaunchCompiler.STATUS), report, number(16));
        }
        b.step(SetupStep.SUPERVISE, "end the rest, and wait for it");
        Label rest = new Label();
        Address status = b.zeros(8);
        b.place(rest);
        if (killsAll) {
            b.call(Call.KILL, number(-1), number(SIGKILL)).orGoOn();
        }
        b.call(Call.WAIT4, number(-1), status, number(WALL), number(0)).onError(none);
        b.jump(rest);
        b.place(none);
        b.step(SetupStep.SUPERVISE, "report");
        b.call(Call.GETRUSAGE, number(RUSAGE_CHILDREN), report.plus(48));
        b.set(report, number(StatusTag.ENDED));
        b.set(report.plus(16), start.loaded());
        b.set(report.plus(24), start.plus(8).loaded());
        b.set(report.plus(CREATED), running.created().loaded());
        b.set(report.plus(CREATED + 8), running.created().plus(8).loaded());
        b.set(report.plus(CREATED + 16), running.executed().loaded());
        b.set(report.plus(CREATED + 24), running.executed().plus(8).loaded());
        b.call(Call.WRITE, number(LaunchCompiler.STATUS), report, number(REPORT_SIZE)).orGoOn();
        // The JVM's thread was woken on this CPU; let it go first, since exiting takes long.
        b.call(Call.SCHED_YIELD).orGoOn();
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
    }

    /// The end of a child, a request to signal all, and where the launcher's end is told by one.
    private long signals() {
        long always = bit(SIGCHLD) | bit(SIGNAL_ALL);
        return plan.isTreeByDomain() ? always | bit(SIGTERM) : always;
    }

    /// Waits for the command, and passes on signals to everyone meanwhile: only from in here can
    /// they be sent to all at once. They are blocked, so that each waits for the next look; a
    /// blocked one is not ignored even by the first process of a PID namespace. Whoever inside
    /// makes such a request can send the signal himself.
    ///
    /// In a PID namespace the kernel ends all when the first process dies. Where a domain stands in
    /// for it the first process has to: so it does not die with its launcher, but is told of that
    /// by a signal, and ends its domain then.
    private void waitForCommand(
            Address child, Address report, Address reaped, Address signals, Label ended) {
        if (plan.isTreeByDomain()) {
            b.step(SetupStep.SUPERVISE, "be told of the launcher's end");
            b.call(Call.PRCTL, number(PR_SET_PDEATHSIG), number(SIGTERM));
        }
        b.step(SetupStep.SUPERVISE, "wait for the command, or for a signal");
        Address signal = b.zeros(8);
        Address information = b.zeros(SIGINFO_SIZE);
        Label look = new Label();
        Label sleep = new Label();
        Label request = new Label();
        Label alone = new Label();
        Label gone = new Label();
        b.place(look);
        b.call(Call.WAIT4, number(-1), report.plus(8), number(WALL | WNOHANG), number(0))
                .store(reaped);
        b.jumpIfEqual(reaped.loaded(), child.loaded(), ended);
        b.jumpIfEqual(reaped.loaded(), number(0), sleep);
        b.jump(look);
        b.place(sleep);
        // EINTR after a stop and SIGCONT.
        b.call(Call.RT_SIGTIMEDWAIT, signals, information, number(0), number(SIGNAL_MASK_SIZE))
                .store(signal)
                .orGoOn();
        b.jumpIfEqual(signal.loaded(), number(SIGNAL_ALL), request);
        if (plan.isTreeByDomain()) {
            b.jumpIfEqual(signal.loaded(), number(SIGTERM), alone);
        }
        b.jump(look);
        b.place(request);
        b.call(Call.KILL, number(-1), information.plus(SIGINFO_VALUE).loaded()).orGoOn();
        b.jump(look);
        if (!plan.isTreeByDomain()) {
            return;
        }
        b.place(alone);
        b.step(SetupStep.SUPERVISE, "the launcher has ended: end all");
        b.call(Call.KILL, number(-1), number(SIGKILL)).orGoOn();
        b.call(Call.WAIT4, number(-1), signal, number(WALL), number(0)).onError(gone);
        b.jump(alone);
        b.place(gone);
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
    }

    private static long bit(int signal) {
        return 1L << signal - 1;
    }
}
