package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.LaunchPlan;

import java.util.OptionalLong;

/// The processes of a run that are known by descriptors, and the root of a sandbox that stays.
/// Thread-safe; it calls nobody who might call it.
final class RunProcesses {

    private final boolean treeByDomain;
    private int first = -1;
    private int command = -1;
    private int root = -1;

    /// @param treeByDomain see [LaunchPlan#isTreeByDomain()]
    RunProcesses(boolean treeByDomain) {
        this.treeByDomain = treeByDomain;
    }

    /// @param pidfd one of the first process; closed here
    synchronized void firstIs(int pidfd) {
        first = pidfd;
    }

    /// @param pidfd one of the command; closed here
    synchronized void commandIs(int pidfd) {
        command = pidfd;
    }

    /// @param descriptor one of the sandbox's root; closed here
    synchronized void rootIs(int descriptor) {
        root = descriptor;
    }

    /// Whether the first process was made.
    synchronized boolean hasFirst() {
        return first >= 0;
    }

    /// The pid of the first process, while it is there.
    synchronized OptionalLong firstId() {
        return ProcessIds.ofPidfd(first);
    }

    /// The pid of the command, while it is there.
    synchronized OptionalLong commandId() {
        return ProcessIds.ofPidfd(command);
    }

    /// The pid of the command as it sees it itself; see [ProcessIds#inside(int)].
    synchronized OptionalLong commandInside() {
        return command < 0 ? OptionalLong.empty() : ProcessIds.inside(command);
    }

    /// Kills everything at once; then nobody reports. Where a domain stands in for a PID namespace
    /// and the command runs, everything would outlive the first process: it is told to end all.
    synchronized void killFirst() {
        if (first >= 0) {
            boolean outlived = treeByDomain && command >= 0;
            Kernel.pidfdSendSignal(first, outlived ? SIGTERM : SIGKILL);
        }
    }

    /// Kills the command, so that the first process ends the rest and reports.
    ///
    /// @return whether there is one
    synchronized boolean killCommand() {
        if (command >= 0) {
            Kernel.pidfdSendSignal(command, SIGKILL);
        }
        return command >= 0;
    }

    /// Sends a signal, if the command runs.
    ///
    /// @param plan how the run was set up
    synchronized void signal(Signal signal, SignalScope scope, LaunchPlan plan) {
        if (command >= 0 && first >= 0) {
            RunSignals.send(signal, scope, plan, first, command);
        }
    }

    /// The sandbox's root, for a sandbox that stays: an open descriptor that is the caller's.
    ///
    /// @throws IllegalStateException if it has ended
    int openRoot() {
        int copy = tryOpenRoot();
        if (Errno.EBADF.is(copy)) {
            throw new IllegalStateException("the session has ended");
        }
        return LaunchErrors.check(SetupStep.OPEN_STREAMS, "root of the session", copy);
    }

    /// The same as a result: EBADF if it has ended.
    synchronized int tryOpenRoot() {
        return root < 0 ? Errno.EBADF.negated() : Kernel.fcntl(root, F_DUPFD_CLOEXEC, 0);
    }

    /// Forgets them.
    synchronized void close() {
        for (int fd : new int[] {first, command, root}) {
            if (fd >= 0) {
                Kernel.close(fd);
            }
        }
        first = -1;
        command = -1;
        root = -1;
    }
}
