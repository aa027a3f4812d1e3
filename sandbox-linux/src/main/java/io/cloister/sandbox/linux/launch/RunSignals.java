package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SIGNAL_ALL;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.LaunchPlan;

import java.util.Locale;

/// Sends signals to the processes of a run. Each goes through a descriptor of a process, never
/// through a number, which may stand for another process by then.
final class RunSignals {

    private RunSignals() {}

    /// Sends one.
    ///
    /// @param plan how the run was set up
    /// @param first a pidfd of the first process
    /// @param command a pidfd of the command
    static void send(Signal signal, SignalScope scope, LaunchPlan plan, int first, int command) {
        switch (scope) {
            case PROCESS -> check(signal, scope, Kernel.pidfdSendSignal(command, signal.number()));
            case GROUP -> toGroup(signal, command);
            case TREE -> {
                if (plan.isNew(Namespace.PID) || plan.isTreeByDomain()) {
                    int result = Kernel.pidfdQueueSignal(first, SIGNAL_ALL, signal.number());
                    check(signal, scope, result);
                } else {
                    Descendants.signal(first, signal.number());
                }
            }
        }
    }

    /// The command leads a group of its own from its start, which it cannot leave, since it leads a
    /// session too; see setpgid(2).
    private static void toGroup(Signal signal, int command) {
        int result = Kernel.pidfdSignalGroup(command, signal.number());
        if (Errno.EINVAL.is(result)) {
            throw new SandboxUnavailableException(
                    "%s to the process group of the command cannot be sent without a race: this"
                                    .formatted(signal)
                            + " kernel has no PIDFD_SIGNAL_PROCESS_GROUP (EINVAL)",
                    "PIDFD_SIGNAL_PROCESS_GROUP",
                    "run a kernel from 6.9 on, or send it to SignalScope.TREE");
        }
        check(signal, SignalScope.GROUP, result);
    }

    private static void check(Signal signal, SignalScope scope, int result) {
        if (result < 0 && !Errno.ESRCH.is(result)) {
            throw new SandboxException(
                    "%s could not be sent to the %s of the command: %s"
                            .formatted(
                                    signal,
                                    scope.name().toLowerCase(Locale.ROOT),
                                    Errno.nameOf(-result)));
        }
    }
}
