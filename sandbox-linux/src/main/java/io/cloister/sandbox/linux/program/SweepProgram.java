package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

/// What a child of the first process of a sandbox that stays does between two of its users: it
/// kills every other process until there is none, and makes a System V object of each kind, whose
/// number tells whether anyone made some before.
public final class SweepProgram {

    /// How often it looks whether all are gone. Each look lets others run; thousands of processes
    /// are gone after a few hundred.
    private static final int LOOKS = 100_000;

    private static final int STATUS = 3;
    private static final int MODE = 0600;

    private SweepProgram() {}

    /// The request. It answers {SWEPT, id of shared memory, of a semaphore, of a message queue}.
    public static SyscallProgram request(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.SUPERVISE, "status socket");
        b.call(Call.DUP3, number(LaunchCompiler.FIRST_PASSED), number(STATUS), number(O_CLOEXEC));
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
        b.step(SetupStep.SUPERVISE, "look for System V objects");
        Address payload = b.words(number(StatusTag.SWEPT), number(0), number(0), number(0));
        b.call(Call.SHMGET, number(0), number(1), number(MODE)).store(payload.plus(8)).orGoOn();
        b.call(Call.SHMCTL, payload.plus(8).loaded(), number(0), number(0)).orGoOn();
        b.call(Call.SEMGET, number(0), number(1), number(MODE)).store(payload.plus(16)).orGoOn();
        b.call(Call.SEMCTL, payload.plus(16).loaded(), number(0), number(0), number(0)).orGoOn();
        b.call(Call.MSGGET, number(0), number(MODE)).store(payload.plus(24)).orGoOn();
        b.call(Call.MSGCTL, payload.plus(24).loaded(), number(0), number(0)).orGoOn();
        b.step(SetupStep.SUPERVISE, "report");
        b.call(Call.WRITE, number(STATUS), payload, number(32));
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        b.place(b.failure());
        b.call(Call.WRITE, number(STATUS), number(Interpreter.RECORD), number(16)).orGoOn();
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        return b.build(
                ZygoteProgram.requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND),
                ZygoteProgram.REQUEST);
    }
}
