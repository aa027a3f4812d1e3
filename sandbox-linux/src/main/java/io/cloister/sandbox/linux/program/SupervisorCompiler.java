package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.Argument.Address;

/// Writes what the first process does while the command runs: it says that the command has started,
/// lets go of every descriptor but the status socket, reaps, and when the command has ended kills
/// what is left, waits for it, and reports with the resource usage of all.
final class SupervisorCompiler {

    /// tag, wait status, start (2 words), end (2 words), struct rusage.
    private static final int REPORT_SIZE = 48 + RUSAGE_SIZE;

    private final ProgramBuilder b;
    private final LaunchPlan plan;
    private final CommandCompiler.Running running;

    SupervisorCompiler(ProgramBuilder b, LaunchPlan plan, CommandCompiler.Running running) {
        this.b = b;
        this.plan = plan;
        this.running = running;
    }

    void write() {
        Address child = running.child();
        Address start = running.start();
        // The child may have moved the status socket in its own table, and memory is shared.
        b.set(running.status(), number(LaunchCompiler.STATUS));
        b.step(SetupStep.SUPERVISE, "say that it runs");
        Address payload = b.words(number(StatusTag.STARTED), number(0));
        b.set(payload.plus(8), child.loaded());
        Address iovec = b.words(payload, number(16));
        Address header =
                b.words(
                        number(0),
                        number(0),
                        iovec,
                        number(1),
                        running.control(),
                        number(24),
                        number(0));
        b.call(Call.SENDMSG, number(LaunchCompiler.STATUS), header, number(MSG_NOSIGNAL));
        b.call(Call.CLOSE_RANGE, number(0), number(2), number(0));
        b.call(Call.CLOSE_RANGE, number(4), number(-1), number(0));
        Address report = b.zeros(REPORT_SIZE);
        Address reaped = b.zeros(8);
        Label wait = new Label();
        Label ended = new Label();
        b.step(SetupStep.SUPERVISE, "wait for the command");
        b.place(wait);
        b.call(Call.WAIT4, number(-1), report.plus(8), number(WALL), number(0)).store(reaped);
        b.jumpIfEqual(reaped.loaded(), child.loaded(), ended);
        b.jump(wait);
        b.place(ended);
        b.call(Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), report.plus(32));
        if (!plan.isNew(Namespace.PID)) {
            // Without a PID namespace, "everyone else" would be everyone on the host. The JVM ends
            // what is left, and this process goes on waiting for its descendants.
            b.step(SetupStep.SUPERVISE, "ask for the end of the rest");
            b.set(report, number(StatusTag.COMMAND_ENDED));
            b.call(Call.WRITE, number(LaunchCompiler.STATUS), report, number(16));
        }
        b.step(SetupStep.SUPERVISE, "end the rest, and wait for it");
        Label rest = new Label();
        Label none = new Label();
        Address status = b.zeros(8);
        b.place(rest);
        if (plan.isNew(Namespace.PID)) {
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
        b.call(Call.WRITE, number(LaunchCompiler.STATUS), report, number(REPORT_SIZE)).orGoOn();
        // The JVM's thread was woken on this CPU; let it go first, since exiting takes long.
        b.call(Call.SCHED_YIELD).orGoOn();
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
    }
}
