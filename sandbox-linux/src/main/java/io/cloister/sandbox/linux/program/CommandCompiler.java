package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.LaunchPlan.ResourceLimit;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.util.ArrayList;
import java.util.List;

/// Writes the operations that start the command: the first process forks, the child prepares itself
/// and goes on behind the end of the program, at [ExecutionCompiler]'s.
final class CommandCompiler {

    private final ProgramBuilder b;
    private final LaunchPlan plan;
    private final PrivilegeCompiler privileges;
    private final InstalledFilter filter;
    private final int stdin;
    private final Address status;
    private final TerminalCompiler terminal;
    private final boolean standby;

    /// What the supervisor has to know.
    ///
    /// @param child where the command's pid stands
    /// @param created where the time of the first process's own start stands
    /// @param start where the time stands at which the command's process was made
    /// @param executed where the time stands at which its program was executed
    /// @param control a control message with the command's pidfd, and room for more
    /// @param status where the number of the status socket stands
    record Running(
            Address child,
            Address created,
            Address start,
            Address executed,
            Address control,
            Address status) {}

    /// @param privileges what the command keeps and gets
    /// @param stdin the first of the passed standard streams
    /// @param status where the number of the status socket stands
    /// @param source where the terminal comes from
    /// @param standby whether what to execute is told later
    CommandCompiler(
            ProgramBuilder b,
            LaunchPlan plan,
            PrivilegeCompiler privileges,
            InstalledFilter filter,
            int stdin,
            Address status,
            TerminalSource source,
            boolean standby) {
        this.b = b;
        this.plan = plan;
        this.privileges = privileges;
        this.filter = filter;
        this.stdin = stdin;
        this.status = status;
        terminal = new TerminalCompiler(b, source, stdin, status);
        this.standby = standby;
    }

    /// @param further the numbers of the command's further descriptors
    /// @param created where the time of the first process's own start stands
    /// @param room for how many more descriptors the control message has to have room
    Running write(List<Integer> further, Address created, int room) {
        if (!plan.isNew(Namespace.PID)) {
            b.step(SetupStep.START_COMMAND, "adopt orphans");
            b.call(Call.PRCTL, number(PR_SET_CHILD_SUBREAPER), number(1));
        }
        terminal.open();
        if (plan.isTreeByDomain()) {
            LandlockCompiler.surround(b, plan.landlock());
        }
        b.step(SetupStep.START_COMMAND, "");
        Address start = b.zeros(16);
        b.call(Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), start);
        Address control = b.control(1 + room);
        // A child of another time namespace may not share memory on every kernel.
        long share = plan.clockOffsets().isEmpty() ? CLONE_VM | CLONE_VFORK : CLONE_VFORK;
        Address arguments =
                b.cloneArguments(share | CLONE_PIDFD, control.plus(ProgramBuilder.DESCRIPTORS));
        Address child = b.zeros(8);
        Label parent = new Label();
        b.call(Call.CLONE3, arguments, number(CLONE_ARGS_SIZE)).store(child);
        b.jumpIfLess(number(0), child.loaded(), parent);
        child(further, created, start);
        b.place(parent);
        privileges.dropKept();
        Address executed = b.zeros(16);
        b.call(Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), executed);
        return new Running(child, created, start, executed, control, status);
    }

    private void child(List<Integer> further, Address created, Address start) {
        privileges.narrow();
        if (!plan.isNew(Namespace.PID)) {
            b.step(SetupStep.START_COMMAND, "die with the supervisor");
            b.call(Call.PRCTL, number(PR_SET_PDEATHSIG), number(SIGKILL));
        }
        b.step(SetupStep.START_COMMAND, "own session");
        b.call(Call.SETSID);
        terminal.control();
        // Before descriptors are moved and their number is limited.
        new LandlockCompiler(b, stdin + 3 + further.size()).enter(plan.landlock());
        if (standby) {
            StandbyCompiler.closeDescriptors(b);
        } else {
            descriptors(further);
        }
        privileges.harden();
        new FilterInstaller(b, filter, status).write();
        if (standby) {
            StandbyCompiler.await(b, filter, created, start);
        }
        rlimits();
        b.step(SetupStep.EXECUTE, "");
        b.jump(Label.end());
    }

    /// After everything that takes a descriptor, since the limit on them is for the program.
    private void rlimits() {
        for (ResourceLimit limit : plan.rlimits()) {
            b.step(
                    SetupStep.LIMITS,
                    limit.name() + " " + show(limit.soft()) + ":" + show(limit.hard()));
            Address value = b.words(number(limit.soft()), number(limit.hard()));
            b.call(
                    Call.PRLIMIT64,
                    number(0),
                    number(limit.resource()),
                    value,
                    number(0),
                    filter.ticket(1),
                    filter.ticket(2));
        }
    }

    private static String show(long limit) {
        return limit < 0 ? "unlimited" : Long.toString(limit);
    }

    private void descriptors(List<Integer> further) {
        b.step(SetupStep.DESCRIPTORS, "standard streams");
        for (int i = 0; i < 3; i++) {
            b.call(Call.DUP3, terminal.stream(i), number(i), number(0));
        }
        if (further.isEmpty()) {
            b.call(Call.CLOSE_RANGE, number(3), number(-1), number(CLOSE_RANGE_CLOEXEC));
            return;
        }
        // Targets may be where sources or the status socket stand: first everything goes above all
        // targets, then each to its place.
        int above = further.stream().mapToInt(i -> i).max().orElse(0) + 1;
        above = Math.max(above, stdin + 3 + further.size());
        List<Address> moved = new ArrayList<>();
        b.step(SetupStep.DESCRIPTORS, further.toString());
        for (int i = 0; i < further.size(); i++) {
            Address place = b.zeros(8);
            moved.add(place);
            b.call(Call.FCNTL, number(stdin + 3 + i), number(F_DUPFD_CLOEXEC), number(above))
                    .store(place);
        }
        b.call(Call.FCNTL, status.loaded(), number(F_DUPFD_CLOEXEC), number(above)).store(status);
        b.call(Call.CLOSE_RANGE, number(3), number(-1), number(CLOSE_RANGE_CLOEXEC));
        for (int i = 0; i < further.size(); i++) {
            b.call(Call.DUP3, moved.get(i).loaded(), number(further.get(i)), number(0));
        }
    }
}
