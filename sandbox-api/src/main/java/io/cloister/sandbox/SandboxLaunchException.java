package io.cloister.sandbox;

import java.util.Objects;

/// A step between the call and the running command failed. The command never ran, and nothing of
/// the sandbox is left.
///
/// The message reads `<step> #<index> (<detail>) failed: <ERRNO> (errno <n>); <hint>`, for example
/// `mount #3 (/srv/in -> /in, bind,ro) failed: EPERM (errno 1); see user_namespaces(7)`.
public class SandboxLaunchException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /// Which kind of step failed.
    private final SetupStep step;

    /// Which one of its kind, or negative.
    private final int index;

    /// What it was about.
    private final String detail;

    /// The error number, or 0.
    private final int errno;

    /// The name of the error number.
    private final String errnoName;

    /// What to check.
    private final String hint;

    /// Makes an exception with the message that all of this amounts to.
    ///
    /// @param step which kind of step failed
    /// @param index which one of its kind, from 0; negative where there is but one
    /// @param detail what it was about, without values of the environment; may be empty
    /// @param errno the kernel's error number, or 0 where no system call failed
    /// @param errnoName its name, for example `EPERM`; empty where `errno` is 0
    /// @param hint what to check; may be empty
    public SandboxLaunchException(
            SetupStep step, int index, String detail, int errno, String errnoName, String hint) {
        super(message(step, index, detail, errno, errnoName, hint));
        this.step = step;
        this.index = index;
        this.detail = detail;
        this.errno = errno;
        this.errnoName = errnoName;
        this.hint = hint;
    }

    private static String message(
            SetupStep step, int index, String detail, int errno, String errnoName, String hint) {
        Objects.requireNonNull(errnoName, "errnoName");
        StringBuilder message = new StringBuilder(step.label());
        if (index >= 0) {
            message.append(" #").append(index);
        }
        if (!detail.isEmpty()) {
            message.append(" (").append(detail).append(')');
        }
        message.append(" failed");
        if (errno != 0) {
            message.append(": ").append(errnoName).append(" (errno ").append(errno).append(')');
        }
        if (!hint.isEmpty()) {
            message.append(errno != 0 ? "; " : ": ").append(hint);
        }
        return message.toString();
    }

    /// {@return which kind of step failed}
    public SetupStep step() {
        return step;
    }

    /// {@return which one of its kind, from 0; negative where there is but one}
    public int index() {
        return index;
    }

    /// {@return what the step was about, for example `/srv/in -> /in, bind,ro`; may be empty}
    public String detail() {
        return detail;
    }

    /// {@return the kernel's error number, or 0 where no system call failed}
    public int errno() {
        return errno;
    }

    /// {@return the name of [#errno()], for example `EPERM`; empty where that is 0}
    public String errnoName() {
        return errnoName;
    }

    /// {@return what to check; may be empty}
    public String hint() {
        return hint;
    }
}
