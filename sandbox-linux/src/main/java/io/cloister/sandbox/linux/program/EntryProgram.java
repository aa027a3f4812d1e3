package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// The programs by which sandboxes get into the namespaces of a session: one in which a child of
/// the session's first process hands out descriptors of them, which nobody else could open since
/// that process is undumpable, and one that makes a launcher which has entered them. What that
/// launcher clones is born there; the programs of launches do not change.
public final class EntryProgram {

    /// The namespaces that are handed out, in this order.
    public static final List<Namespace> HANDED_OUT =
            List.of(Namespace.USER, Namespace.PID, Namespace.NET, Namespace.IPC, Namespace.UTS);

    private static final int STATUS = 3;

    private EntryProgram() {}

    /// The request to the first process of a session: {NAMESPACE_DESCRIPTORS} comes with the
    /// descriptors.
    public static SyscallProgram handOut(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.SUPERVISE, "status socket");
        b.call(Call.DUP3, number(LaunchCompiler.FIRST_PASSED), number(STATUS), number(O_CLOEXEC));
        int count = HANDED_OUT.size();
        Address control = b.control(count);
        for (int i = 0; i < count; i++) {
            String file = "/proc/self/ns/" + HANDED_OUT.get(i).label();
            b.step(SetupStep.JOIN, "open " + file + ", of the session");
            b.call(Call.OPENAT, number(AT_FDCWD), b.text(file), number(O_RDONLY | O_CLOEXEC))
                    .store(control.plus(ProgramBuilder.DESCRIPTORS + 4 * i));
        }
        Address payload = b.words(number(StatusTag.NAMESPACE_DESCRIPTORS), number(0));
        Address header = b.message(payload, 16, control, ProgramBuilder.controlLength(count));
        b.step(SetupStep.JOIN, "hand out the session's namespaces");
        b.call(Call.SENDMSG, number(STATUS), header, number(MSG_NOSIGNAL));
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        fail(b);
        return b.build(
                ZygoteProgram.requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND),
                ZygoteProgram.REQUEST);
    }

    /// The request that makes a launcher which has entered a session's namespaces. It serves on the
    /// socket passed behind its status socket; then comes the control group that it is born into,
    /// if there is one, and a descriptor for each of the entry's doors.
    ///
    /// @param uid the host user that it becomes
    /// @param gid the host group that it becomes
    /// @param drop whether it becomes them, or is them already
    /// @param ownGroup whether it is born into a control group
    public static SyscallProgram launcher(
            CpuArchitecture cpu, Entry entry, int uid, int gid, boolean drop, boolean ownGroup) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        int passed = LaunchCompiler.FIRST_PASSED;
        int doors = passed + (ownGroup ? 3 : 2);
        b.step(SetupStep.START_LAUNCHER, "status socket");
        b.call(Call.DUP3, number(passed), number(STATUS), number(O_CLOEXEC));
        // Before it is among others, and before the first change of credentials.
        b.step(SetupStep.JOIN, "undumpable");
        b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(0));
        enter(b, entry.before(), doors);
        if (entry.procfs()) {
            procfs(b);
        }
        if (drop) {
            b.step(SetupStep.START_LAUNCHER, "host user " + uid + ", group " + gid);
            b.call(Call.SETGROUPS, number(0), number(0));
            b.call(Call.SETRESGID, number(gid), number(gid), number(gid));
            b.call(Call.SETRESUID, number(uid), number(uid), number(uid));
        }
        enter(b, entry.after(), doors + entry.before().size());
        // A change of credentials may have made it dumpable again.
        b.step(SetupStep.JOIN, entry.hidden() ? "undumpable" : "its children write their maps");
        b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(entry.hidden() ? 0 : 1));
        LaunchCompiler.dieWithLauncher(b, 4);
        b.step(SetupStep.START_LAUNCHER, "serve");
        b.set(number(ZygoteProgram.MAKES_NETWORKS), number(0));
        Address started = b.words(number(StatusTag.STARTED), number(0));
        b.call(Call.WRITE, number(STATUS), started, number(16));
        b.call(Call.DUP3, number(passed + 1), number(STATUS), number(O_CLOEXEC));
        b.jump(Label.at(Interpreter.PROGRAM_START));
        fail(b);
        long flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
        byte[] header = ZygoteProgram.requestHeader(ownGroup ? flags | CLONE_INTO_CGROUP : flags);
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(ZygoteProgram.GROUP, passed + 2);
        return b.build(header, ZygoteProgram.REQUEST);
    }

    private static void enter(ProgramBuilder b, List<Entry.Door> doors, int first) {
        for (int i = 0; i < doors.size(); i++) {
            Entry.Door door = doors.get(i);
            b.step(
                    SetupStep.JOIN,
                    door == Entry.Door.PARENT_USER
                            ? "the user namespace above the session's"
                            : "the " + door.namespace().label() + " namespace of the session");
            long kind = LaunchCompiler.flag(door.namespace());
            b.call(Call.SETNS, number(first + i), number(kind));
        }
    }

    /// A procfs shows the PID namespace of who mounts it, which the launcher itself is not in: a
    /// child mounts it, in a mount namespace that is the launcher's own, and whose every copy has
    /// it.
    private static void procfs(ProgramBuilder b) {
        b.step(SetupStep.JOIN, "mounts of its own");
        b.call(Call.UNSHARE, number(CLONE_NEWNS));
        MountCompiler.makePrivate(b);
        b.step(SetupStep.PROC, "that of the session -> /proc of the launcher");
        Address arguments = b.cloneArguments(CLONE_CLEAR_SIGHAND, number(0));
        Address child = b.zeros(8);
        Address status = b.zeros(8);
        Label parent = new Label();
        Label mounted = new Label();
        b.call(Call.CLONE3, arguments, number(CLONE_ARGS_SIZE)).store(child);
        b.jumpIfLess(number(0), child.loaded(), parent);
        b.call(
                Call.MOUNT,
                b.text("proc"),
                b.text("/proc"),
                b.text("proc"),
                number(MS_NOSUID | MS_NODEV | MS_NOEXEC),
                number(0));
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        b.place(parent);
        b.call(Call.WAIT4, child.loaded(), status, number(WALL), number(0));
        b.jumpIfEqual(status.loaded(), number(0), mounted);
        // The child has said why, or was killed, which the end of the status socket tells.
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        b.place(mounted);
    }

    private static void fail(ProgramBuilder b) {
        b.place(b.failure());
        b.call(Call.WRITE, number(STATUS), number(Interpreter.RECORD), number(16)).orGoOn();
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
    }
}
