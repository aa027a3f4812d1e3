package io.cloister.sandbox.syscall;

import io.cloister.sandbox.Errno;

/// What happens to a system call.
///
/// The order in which they stand here is the kernel's: where several filters have their say, the
/// strictest one counts. Source: seccomp(2).
public sealed interface SyscallAction {

    /// The run ends.
    SyscallAction KILL = new Kill();

    /// The thread gets `SIGSYS`.
    SyscallAction TRAP = new Trap();

    /// The JVM answers.
    SyscallAction NOTIFY = new Notify();

    /// The call is made, and the kernel's audit log tells of it.
    SyscallAction LOG = new Log();

    /// The call is made.
    SyscallAction ALLOW = new Allow();

    /// {@return the action by which the call is not made and fails}
    ///
    /// @param errno what the program sees
    static SyscallAction fail(Errno errno) {
        return new Fail(errno.number());
    }

    /// The call is not made, and the run ends with [io.cloister.sandbox.Outcome.PolicyViolated],
    /// which names the call. The program sees nothing more.
    ///
    /// Where the kernel lets the sandbox have no notifications (before Linux 5.0, or under another
    /// sandbox that has them), the process that made the call ends by `SIGSYS`, and only that
    /// process; the outcome does not name the call then.
    record Kill() implements SyscallAction {
        @Override
        public String toString() {
            return "kill";
        }
    }

    /// The call is not made, and the thread that made it gets `SIGSYS`, which ends the process
    /// unless it has a handler.
    record Trap() implements SyscallAction {
        @Override
        public String toString() {
            return "trap";
        }
    }

    /// The call is not made and fails.
    ///
    /// @param errno the error number that the program sees, 1 to 4095; see [Errno]. The kernel cuts
    ///   larger ones to 4095, and with 0 the call would seem to have succeeded.
    record Fail(int errno) implements SyscallAction {
        private static final int MAX_ERRNO = 4095;

        /// Checks the number.
        ///
        /// @throws IllegalArgumentException if `errno` is not within 1 to 4095
        public Fail {
            if (errno < 1 || errno > MAX_ERRNO) {
                throw new IllegalArgumentException("errno must be 1 to 4095, was " + errno);
            }
        }

        /// The name of the error, such as `EPERM`.
        @Override
        public String toString() {
            return Errno.nameOf(errno);
        }
    }

    /// The thread waits while a [SyscallHandler] of the JVM answers the call. Since Linux 5.0.
    record Notify() implements SyscallAction {
        @Override
        public String toString() {
            return "notify";
        }
    }

    /// The call is made, and the kernel's audit log tells of it where the host wants that; see
    /// `/proc/sys/kernel/seccomp/actions_logged`. Since Linux 4.14.
    record Log() implements SyscallAction {
        @Override
        public String toString() {
            return "log";
        }
    }

    /// The call is made.
    record Allow() implements SyscallAction {
        @Override
        public String toString() {
            return "allow";
        }
    }
}
