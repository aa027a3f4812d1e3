package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.CLONE_CLEAR_SIGHAND;
import static io.cloister.sandbox.linux.program.Linux.CLONE_PIDFD;

import io.cloister.sandbox.SetupStep;

/// A process of nobody: a child of the first process of a session that sleeps until it is killed.
public final class Sleeper {

    private Sleeper() {}

    /// The request that makes one.
    public static SyscallProgram request(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.SUPERVISE, "sleep");
        b.call(Call.PPOLL, number(0), number(0), number(0), number(0), number(0)).orGoOn();
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        return b.build(
                ZygoteProgram.requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND),
                ZygoteProgram.REQUEST);
    }
}
