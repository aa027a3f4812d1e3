package io.cloister.samples.cli;

import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;

/// What the command line exits with, besides the exit code of the command.
final class ExitStatus {
    /// The command line itself was not understood.
    static final int USAGE = 2;

    /// A limit was reached, or a forbidden system call was made; as timeout(1).
    static final int LIMIT = 124;

    /// The sandbox could not be made, or the end of the command not be observed.
    static final int SANDBOX = 125;

    /// 128 and SIGPIPE.
    static final int BROKEN_PIPE = 141;

    /// The command was found and could not be executed; as shells have it.
    static final int NOT_EXECUTABLE = 126;

    /// The command was not found; as shells have it.
    static final int NOT_FOUND = 127;

    /// Added to the number of the signal that ended the command.
    static final int SIGNAL = 128;

    /// Ctrl-C, as a shell says it.
    static final int INTERRUPTED = SIGNAL + Signal.INT.number();

    private ExitStatus() {}

    /// The status for an end of the command.
    static int of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> code;
            case Outcome.Signalled(Signal signal) -> SIGNAL + signal.number();
            case Outcome.LimitReached _, Outcome.PolicyViolated _ -> LIMIT;
            case Outcome.Cancelled _ -> SIGNAL + Signal.INT.number();
        };
    }

    /// The status where the command did not run.
    static int of(Throwable failure) {
        if (failure instanceof SandboxLaunchException launch
                && launch.step() == SetupStep.EXECUTE) {
            return switch (launch.errnoName()) {
                case "ENOENT" -> NOT_FOUND;
                case "EACCES", "ENOEXEC" -> NOT_EXECUTABLE;
                default -> SANDBOX;
            };
        }
        return SANDBOX;
    }
}
