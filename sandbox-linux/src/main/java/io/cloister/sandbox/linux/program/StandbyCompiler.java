package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

/// Writes the operations of a command's process that was made ahead: behind its filter it says that
/// it stands by, waits for its standard streams and for what to execute, and goes on as if it had
/// been made just now.
///
/// What it receives is written behind the end of the program, where [ExecutionCompiler]'s part
/// stands otherwise. Nobody inside can trace it: the memory is still that of the first process.
final class StandbyCompiler {

    /// Where received descriptors begin: all above the status socket are closed before.
    private static final int STREAMS = LaunchCompiler.STATUS + 1;

    private static final int CONTROL_SIZE = ProgramBuilder.controlLength(3);

    private StandbyCompiler() {}

    /// Instead of the moves of passed descriptors.
    static void closeDescriptors(ProgramBuilder b) {
        b.step(SetupStep.DESCRIPTORS, "none but the status socket");
        b.call(Call.CLOSE_RANGE, number(STREAMS), number(-1), number(0));
    }

    /// @param created where the time of the first process's own start stands
    /// @param start where the time stands at which the command's process was made
    static void await(ProgramBuilder b, InstalledFilter filter, Address created, Address start) {
        b.step(SetupStep.START_COMMAND, "stand by");
        Address ready = b.words(number(StatusTag.READY), number(0));
        ticketed(b, filter, Call.WRITE, number(LaunchCompiler.STATUS), ready, number(16));
        Address control = b.zeros(CONTROL_SIZE);
        Address header =
                b.message(
                        new Argument.Place(Label.end()),
                        ZygoteProgram.REQUEST_SIZE / 2,
                        control,
                        CONTROL_SIZE);
        Address length = b.zeros(8);
        ticketed(
                        b,
                        filter,
                        Call.RECVMSG,
                        number(LaunchCompiler.STATUS),
                        header,
                        number(MSG_CMSG_CLOEXEC))
                .store(length);
        Label go = new Label();
        b.jumpIfLess(number(0), length.loaded(), go);
        // Nobody wants it any more.
        ticketed(b, filter, Call.EXIT_GROUP, number(0), number(0), number(0)).orGoOn();
        b.place(go);
        ticketed(b, filter, Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), start, number(0));
        for (int word = 0; word < 16; word += 8) {
            b.set(created.plus(word), start.plus(word).loaded());
        }
        b.step(SetupStep.DESCRIPTORS, "standard streams");
        for (int i = 0; i < 3; i++) {
            ticketed(b, filter, Call.DUP3, number(STREAMS + i), number(i), number(0));
        }
    }

    private static ProgramBuilder.Outcome ticketed(
            ProgramBuilder b,
            InstalledFilter filter,
            Call call,
            Argument first,
            Argument second,
            Argument third) {
        return b.call(
                call, first, second, third, filter.ticket(0), filter.ticket(1), filter.ticket(2));
    }
}
