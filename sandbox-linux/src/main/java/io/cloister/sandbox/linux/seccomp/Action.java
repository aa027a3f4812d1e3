package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.Errno;

/// What the kernel does with a system call: the return value of a filter.
///
/// Where several filters are installed, the strictest answer counts; the order is [KillProcess],
/// [Fail], [Allow] - seccomp(2).
public sealed interface Action {

    /// `SECCOMP_RET_ALLOW`: the call is made.
    Action ALLOW = new Allow();

    /// `SECCOMP_RET_KILL_PROCESS`: the process ends as if by `SIGSYS`; since Linux 4.14.
    Action KILL_PROCESS = new KillProcess();

    /// {@return the value that a filter returns for this action: its kind and its data}
    int value();

    /// The call is not made and fails with `errno`.
    static Action fail(Errno errno) {
        return new Fail(errno.number());
    }

    /// The action that a filter's return value stands for, the inverse of [#value()].
    ///
    /// @throws IllegalArgumentException if `value` is no action of this type
    static Action of(int value) {
        if (value == Allow.VALUE) {
            return ALLOW;
        }
        if (value == KillProcess.VALUE) {
            return KILL_PROCESS;
        }
        if ((value & 0xffff0000) == Fail.VALUE) {
            return new Fail(value & 0xffff);
        }
        throw new IllegalArgumentException(
                "value must be ALLOW, ERRNO or KILL_PROCESS, was 0x" + Integer.toHexString(value));
    }

    /// The call is made.
    record Allow() implements Action {
        private static final int VALUE = 0x7fff0000;

        @Override
        public int value() {
            return VALUE;
        }

        @Override
        public String toString() {
            return "ALLOW";
        }
    }

    /// `SECCOMP_RET_ERRNO`: the call is not made and fails.
    ///
    /// @param errno the error number that the program sees, 1 to 4095. The kernel cuts larger ones
    ///   to 4095, and with 0 the call would seem to have succeeded.
    record Fail(int errno) implements Action {
        private static final int VALUE = 0x00050000;
        private static final int MAX_ERRNO = 4095;

        public Fail {
            if (errno < 1 || errno > MAX_ERRNO) {
                throw new IllegalArgumentException("errno must be 1 to 4095, was " + errno);
            }
        }

        @Override
        public int value() {
            return VALUE | errno;
        }

        @Override
        public String toString() {
            return Errno.nameOf(errno);
        }
    }

    /// The whole process is killed.
    record KillProcess() implements Action {
        private static final int VALUE = 0x80000000;

        @Override
        public int value() {
            return VALUE;
        }

        @Override
        public String toString() {
            return "KILL_PROCESS";
        }
    }
}
