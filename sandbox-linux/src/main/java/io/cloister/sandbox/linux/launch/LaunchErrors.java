package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.Hints;
import io.cloister.sandbox.linux.plan.Rlimits;
import io.cloister.sandbox.linux.program.Step;
import io.cloister.sandbox.policy.Rlimit;

/// Makes exceptions of negated error numbers.
final class LaunchErrors {

    private LaunchErrors() {}

    /// The exception for a step of a program.
    static SandboxLaunchException of(Step step, long result) {
        return of(step.kind(), step.index(), step.detail(), result);
    }

    /// The exception for a step that the JVM takes itself.
    static SandboxLaunchException of(SetupStep step, String detail, long result) {
        return Errno.EMFILE.is(result)
                ? new SandboxLaunchException(
                        step,
                        -1,
                        detail,
                        Errno.EMFILE.number(),
                        Errno.EMFILE.name(),
                        Hints.outOfDescriptors(Kernel.softLimit(Rlimits.number(Rlimit.NOFILE))))
                : of(step, -1, detail, result);
    }

    private static SandboxLaunchException of(
            SetupStep step, int index, String detail, long result) {
        int errno = (int) -result;
        String name = Errno.nameOf(errno);
        String hint = Hints.of(step, name, Errno.meaningOf(errno));
        return new SandboxLaunchException(step, index, detail, errno, name, hint);
    }

    /// The exception for a failure without an error number.
    static SandboxLaunchException of(SetupStep step, String detail, String why) {
        return new SandboxLaunchException(step, -1, detail, 0, "", why);
    }

    /// A failure noticed on the loop's thread, to be thrown on the caller's: with its stack trace,
    /// and that of the loop as the suppressed one.
    static RuntimeException thrownHere(Throwable failure) {
        RuntimeException here =
                switch (failure) {
                    case SandboxLaunchException e ->
                            new SandboxLaunchException(
                                    e.step(),
                                    e.index(),
                                    e.detail(),
                                    e.errno(),
                                    e.errnoName(),
                                    e.hint());
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    default -> new SandboxException(failure.toString(), failure);
                };
        if (failure instanceof SandboxLaunchException) {
            here.addSuppressed(failure);
        }
        return here;
    }

    /// `result`, if it is no error.
    static int check(SetupStep step, String detail, int result) {
        if (result < 0) {
            throw of(step, detail, result);
        }
        return result;
    }
}
