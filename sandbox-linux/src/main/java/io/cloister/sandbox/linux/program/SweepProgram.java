package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

/// What a child of the first process of a sandbox that stays does between two of its users: it
/// kills every other process until there is none, and looks at what only somebody inside can see:
/// whether anybody is left, how many System V objects and message queues there are, and the numbers
/// of new System V objects, which tell whether anyone made some before.
public final class SweepProgram {

    /// How often it looks whether all are gone. Each look lets others run; thousands of processes
    /// are gone after a few hundred.
    private static final int LOOKS = 100_000;

    private static final int STATUS = 3;
    private static final int MODE = 0600;

    // linux/shm.h, linux/sem.h, linux/msg.h
    private static final int SHM_INFO = 14;
    private static final int SEM_INFO = 19;
    private static final int MSG_INFO = 12;

    private static final int O_DIRECTORY_X86 = 0x10000;
    private static final int O_DIRECTORY_ARM = 0x4000;

    /// What it kills before it looks.
    public enum Killing {
        /// Everything but the first process.
        ALL,
        /// Nothing.
        NOTHING
    }

    private SweepProgram() {}

    /// The request. It answers as [SweepReport] reads.
    public static SyscallProgram request(CpuArchitecture cpu, Killing killing) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.SUPERVISE, "status socket");
        b.call(Call.DUP3, number(LaunchCompiler.FIRST_PASSED), number(STATUS), number(O_CLOEXEC));
        if (killing == Killing.ALL) {
            killAll(b);
        }
        Address report = b.zeros(SweepReport.SIZE);
        b.set(report, number(StatusTag.SWEPT));
        // Signal 0 reaches nobody, but tells whether there is somebody: ESRCH if not.
        b.call(Call.KILL, number(-1), number(0)).store(report.plus(SweepReport.PROCESSES)).orGoOn();
        systemV(b, report);
        messageQueues(b, cpu, report);
        b.step(SetupStep.SUPERVISE, "report");
        b.call(Call.WRITE, number(STATUS), report, number(SweepReport.SIZE));
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        b.place(b.failure());
        b.call(Call.WRITE, number(STATUS), number(Interpreter.RECORD), number(16)).orGoOn();
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        return b.build(
                ZygoteProgram.requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND),
                ZygoteProgram.REQUEST);
    }

    private static void killAll(ProgramBuilder b) {
        b.step(SetupStep.SUPERVISE, "end all other processes");
        Address result = b.zeros(8);
        Address looks = b.words(number(LOOKS));
        Label again = new Label();
        Label gone = new Label();
        b.place(again);
        // ESRCH once there is nobody but the first process and this one.
        b.call(Call.KILL, number(-1), number(SIGKILL)).store(result).orGoOn();
        b.jumpIfEqual(result.loaded(), number(Errno.ESRCH.negated()), gone);
        b.jumpIfLess(result.loaded(), number(0), b.failure());
        b.call(Call.SCHED_YIELD).orGoOn();
        b.add(looks.loaded(), number(-1), looks);
        b.jumpIfLess(number(0), looks.loaded(), again);
        b.jump(b.failure());
        b.place(gone);
    }

    /// First how many there are, then one of each is made for its number, and removed.
    private static void systemV(ProgramBuilder b, Address report) {
        b.step(SetupStep.SUPERVISE, "look for System V objects");
        Address memory = report.plus(SweepReport.MEMORY);
        Address semaphore = report.plus(SweepReport.SEMAPHORE);
        Address queue = report.plus(SweepReport.QUEUE);
        b.call(Call.SHMCTL, number(0), number(SHM_INFO), report.plus(SweepReport.SHM_INFO))
                .orGoOn();
        b.call(
                        Call.SEMCTL,
                        number(0),
                        number(0),
                        number(SEM_INFO),
                        report.plus(SweepReport.SEM_INFO))
                .orGoOn();
        b.call(Call.MSGCTL, number(0), number(MSG_INFO), report.plus(SweepReport.MSG_INFO))
                .orGoOn();
        b.call(Call.SHMGET, number(0), number(1), number(MODE)).store(memory).orGoOn();
        b.call(Call.SHMCTL, memory.loaded(), number(0), number(0)).orGoOn();
        b.call(Call.SEMGET, number(0), number(1), number(MODE)).store(semaphore).orGoOn();
        b.call(Call.SEMCTL, semaphore.loaded(), number(0), number(0), number(0)).orGoOn();
        b.call(Call.MSGGET, number(0), number(MODE)).store(queue).orGoOn();
        b.call(Call.MSGCTL, queue.loaded(), number(0), number(0)).orGoOn();
    }

    /// Through a mount of its own: the policy may show none, or something else in its place.
    private static void messageQueues(ProgramBuilder b, CpuArchitecture cpu, Address report) {
        b.step(SetupStep.SUPERVISE, "look for message queues");
        Address entries = report.plus(SweepReport.QUEUES);
        Address fd = b.zeros(8);
        Address buffer = b.zeros(SweepReport.LISTING);
        int directory = cpu == CpuArchitecture.X86_64 ? O_DIRECTORY_X86 : O_DIRECTORY_ARM;
        Label without = new Label();
        b.call(Call.FSOPEN, b.text("mqueue"), number(FSOPEN_CLOEXEC)).store(fd).onError(without);
        b.call(
                Call.FSCONFIG,
                fd.loaded(),
                number(FSCONFIG_CMD_CREATE),
                number(0),
                number(0),
                number(0));
        // What is only looked at stays as it was: no look leaves a time behind.
        b.call(Call.FSMOUNT, fd.loaded(), number(FSMOUNT_CLOEXEC), number(MOUNT_ATTR_NOATIME))
                .store(fd);
        b.call(Call.OPENAT, fd.loaded(), b.text("."), number(directory | O_CLOEXEC), number(0))
                .store(fd);
        b.call(Call.GETDENTS64, fd.loaded(), buffer, number(SweepReport.LISTING)).store(entries);
        // ENODEV from a kernel that is built without them.
        b.forgive(without, Errno.ENODEV);
    }
}
