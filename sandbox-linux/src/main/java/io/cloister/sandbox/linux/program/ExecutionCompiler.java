package io.cloister.sandbox.linux.program;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.util.List;

/// Writes the last operations of a command's process: those that depend on the command alone. They
/// are a small program of their own that stands behind the set-up, which is compiled once.
final class ExecutionCompiler {

    private ExecutionCompiler() {}

    /// No operation, to stand behind `setUp`.
    static SyscallProgram nothing(SyscallProgram setUp) {
        ProgramBuilder b = new ProgramBuilder(setUp.cpu(), Label.at(setUp.failure()));
        return b.build(new byte[0], setUp.base() + setUp.size());
    }

    /// The program for `execution`, to stand behind `setUp`.
    static SyscallProgram compile(
            Execution execution, SyscallProgram setUp, InstalledFilter filter) {
        ProgramBuilder b = new ProgramBuilder(setUp.cpu(), Label.at(setUp.failure()));
        // The filter is in place already, and knows these calls by their ticket.
        b.step(SetupStep.WORK_DIRECTORY, execution.workDirectory());
        b.call(
                Call.CHDIR,
                b.text(execution.workDirectory()),
                Argument.number(0),
                Argument.number(0),
                filter.ticket(0),
                filter.ticket(1),
                filter.ticket(2));
        b.step(SetupStep.EXECUTE, execution.program());
        execute(b, execution, filter);
        return b.build(new byte[0], setUp.base() + setUp.size());
    }

    /// Tries each candidate in turn, as execvp(3) does: one that is not there is passed over, one
    /// that may not be executed is remembered, anything else is the answer.
    private static void execute(ProgramBuilder b, Execution execution, InstalledFilter filter) {
        Address arguments = b.textArray(execution.arguments());
        Address environment = b.textArray(execution.environment());
        List<String> candidates = execution.candidates();
        Argument error = new Argument.LoadedAbsolute(Interpreter.RECORD + 8);
        Address denied = b.zeros(8);
        for (String candidate : candidates) {
            Label failed = new Label();
            Label passOver = new Label();
            Label remember = new Label();
            b.call(
                            Call.EXECVE,
                            b.text(candidate),
                            arguments,
                            environment,
                            filter.ticket(0),
                            filter.ticket(1),
                            filter.ticket(2))
                    .onError(failed);
            b.place(failed);
            b.jumpIfEqual(error, Argument.number(Errno.ENOENT.negated()), passOver);
            b.jumpIfEqual(error, Argument.number(Errno.ENOTDIR.negated()), passOver);
            b.jumpIfEqual(error, Argument.number(Errno.EACCES.negated()), remember);
            b.jump(b.failure());
            b.place(remember);
            b.set(denied, error);
            b.place(passOver);
        }
        b.jumpIfEqual(denied.loaded(), Argument.number(0), b.failure());
        b.set(Argument.number(Interpreter.RECORD + 8), denied.loaded());
        b.jump(b.failure());
    }
}
