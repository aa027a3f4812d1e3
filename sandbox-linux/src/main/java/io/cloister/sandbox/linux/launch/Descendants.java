package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.SIGKILL;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/// Signals the descendants of a process on the host's PID namespace, where no single kill can.
///
/// The process is a subreaper, so that every orphan below it becomes its child. Children are killed
/// again and again until it has none, since they may fork in the meantime.
final class Descendants {

    private static final Logger LOG = LoggerFactory.getLogger(Descendants.class);
    private static final int ROUNDS = 2000;
    private static final long PAUSE_MILLIS = 2;

    private Descendants() {}

    static void kill(int ancestor, BooleanSupplier gone) {
        try {
            for (int round = 0; round < ROUNDS && !gone.getAsBoolean(); round++) {
                killOnce(ancestor);
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!gone.getAsBoolean()) {
            LOG.error("descendants of process {} cannot be ended", ancestor);
        }
    }

    /// Sends all of them a signal, once. One that is born meanwhile may get none.
    ///
    /// @param ancestor a pidfd of the process
    static void signal(int ancestor, int signal) {
        OptionalLong pid = ProcessIds.ofPidfd(ancestor);
        if (pid.isPresent()) {
            signalChildren(Math.toIntExact(pid.getAsLong()), ancestor, signal);
        }
    }

    /// A number may stand for another process by now, so each is looked up again once there is a
    /// descriptor of it: while its parent has not been waited for, and has it as a child, it is the
    /// one that is meant.
    private static void signalChildren(int parent, int parentPidfd, int signal) {
        for (String child : children(parent).split(" ")) {
            if (child.isBlank()) {
                continue;
            }
            int pid = Integer.parseInt(child.strip());
            int pidfd = Kernel.pidfdOpen(pid);
            if (Errno.ESRCH.is(pidfd)) {
                continue;
            }
            check("descriptor of", pid, pidfd);
            try {
                boolean still = List.of(children(parent).split(" ")).contains(child);
                if (still && Kernel.pidfdSendSignal(parentPidfd, 0) >= 0) {
                    signalChildren(pid, pidfd, signal);
                    check("signal to", pid, Kernel.pidfdSendSignal(pidfd, signal));
                }
            } finally {
                Kernel.close(pidfd);
            }
        }
    }

    private static void check(String what, int pid, int result) {
        if (result < 0 && !Errno.ESRCH.is(result)) {
            throw new SandboxException(
                    "%s process %d of the command: %s; some processes of its tree had the signal"
                                    .formatted(what, pid, Errno.nameOf(-result))
                            + " and some had not");
        }
    }

    private static void killOnce(int ancestor) {
        Deque<Integer> pending = new ArrayDeque<>();
        pending.add(ancestor);
        while (!pending.isEmpty()) {
            int parent = pending.remove();
            for (String child : children(parent).split(" ")) {
                if (!child.isBlank()) {
                    int pid = Integer.parseInt(child.trim());
                    pending.add(pid);
                    killOne(pid);
                }
            }
        }
    }

    private static void killOne(int pid) {
        int pidfd = Kernel.pidfdOpen(pid);
        if (pidfd >= 0) {
            Kernel.pidfdSendSignal(pidfd, SIGKILL);
            Kernel.close(pidfd);
        }
    }

    private static String children(int pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children"));
        } catch (IOException e) {
            // It has ended since its parent was read; its children are its parent's now.
            return "";
        }
    }
}
