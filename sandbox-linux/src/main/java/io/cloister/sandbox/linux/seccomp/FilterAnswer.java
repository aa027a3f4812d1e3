package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.syscall.SyscallAction;

/// What a filter returns for an action: its kind, and for an error its number. Source:
/// linux/seccomp.h.
public final class FilterAnswer {

    static final int KILL_PROCESS = 0x80000000;
    static final int TRAP = 0x00030000;
    static final int ERRNO = 0x00050000;
    static final int USER_NOTIF = 0x7fc00000;
    static final int LOG = 0x7ffc0000;
    static final int ALLOW = 0x7fff0000;

    private FilterAnswer() {}

    /// {@return the value for `action`}
    ///
    /// @param notified whether the end of the run is brought about by a notification, so that its
    ///   cause can be told; else the kernel kills the process
    static int of(SyscallAction action, boolean notified) {
        return switch (action) {
            case SyscallAction.Kill _ -> notified ? USER_NOTIF : KILL_PROCESS;
            case SyscallAction.Trap _ -> TRAP;
            case SyscallAction.Fail(int errno) -> ERRNO | errno;
            case SyscallAction.Notify _ -> USER_NOTIF;
            case SyscallAction.Log _ -> LOG;
            case SyscallAction.Allow _ -> ALLOW;
        };
    }

    /// {@return the action that a filter's value stands for}
    ///
    /// @throws IllegalArgumentException if it stands for none
    public static SyscallAction action(int value) {
        return switch (value) {
            case KILL_PROCESS -> SyscallAction.KILL;
            case TRAP -> SyscallAction.TRAP;
            case USER_NOTIF -> SyscallAction.NOTIFY;
            case LOG -> SyscallAction.LOG;
            case ALLOW -> SyscallAction.ALLOW;
            default -> {
                if ((value & 0xffff0000) != ERRNO) {
                    throw new IllegalArgumentException(
                            "value must be that of an action, was 0x" + Integer.toHexString(value));
                }
                yield new SyscallAction.Fail(value & 0xffff);
            }
        };
    }
}
