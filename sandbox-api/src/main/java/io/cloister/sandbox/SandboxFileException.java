package io.cloister.sandbox;

import java.util.Objects;
import java.util.Optional;

/// Something could not be done with a file of a sandbox, or with one of the host that is copied.
///
/// It is unchecked, as all exceptions of this library, and one type with a [Reason] to switch on:
/// the exceptions of [java.nio.file] are checked, name a file by a `String` that cannot hold any
/// name, and have no place for the error number.
///
/// The message reads `<operation> <path>: <ERRNO> (<meaning>); <what to do>`. Names in it are
/// escaped as by [SandboxPath#toString()].
public class SandboxFileException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /// Why, in terms that a caller can act upon.
    public enum Reason {
        /// There is nothing at the path, or a directory on the way is missing (`ENOENT`).
        NOT_FOUND,
        /// Something is there already (`EEXIST`, `ENOTEMPTY`).
        EXISTS,
        /// It is a directory, and a file was wanted (`EISDIR`).
        IS_DIRECTORY,
        /// It is none, and a directory was wanted (`ENOTDIR`).
        NOT_DIRECTORY,
        /// It is a symbolic link, or too many lie on the way (`ELOOP`).
        LINK,
        /// It is a FIFO, a socket, a device or a file of a file system that is an interface of the
        /// kernel, such as `/proc`.
        NOT_REGULAR,
        /// A mount stands there, which is not crossed, replaced or deleted (`EXDEV`, `EBUSY`).
        MOUNT,
        /// More bytes than the cap allows.
        TOO_LARGE,
        /// More entries, or deeper, than the cap allows.
        TOO_MANY,
        /// The user of the sandbox may not do that (`EACCES`, `EPERM`).
        DENIED,
        /// The file system or the mount is read-only (`EROFS`).
        READ_ONLY,
        /// No space is left (`ENOSPC`, `EDQUOT`).
        FULL,
        /// A program inside keeps changing what is in the way; trying again was no use.
        CHANGING,
        /// The calling thread was interrupted; its interrupt status is set.
        INTERRUPTED,
        /// The sandbox is closed.
        CLOSED,
        /// Anything else; see [SandboxFileException#errno()].
        OTHER
    }

    /// What was to be done.
    private final String operation;

    /// With what, escaped.
    private final String path;

    /// Why not.
    private final Reason reason;

    /// The error number, or 0.
    private final int errno;

    /// What to do.
    private final String hint;

    /// Makes an exception with the message that all of this amounts to. For providers.
    ///
    /// @param operation what was to be done, for example `read`
    /// @param path with what, in a form that is safe to print
    /// @param reason why not
    /// @param errno the kernel's error number, or 0 where no system call failed
    /// @param hint what is the matter and what to do; may be empty
    public SandboxFileException(
            String operation, String path, Reason reason, int errno, String hint) {
        super(message(operation, path, reason, errno, hint));
        this.operation = operation;
        this.path = path;
        this.reason = Objects.requireNonNull(reason, "reason");
        this.errno = errno;
        this.hint = hint;
    }

    private static String message(
            String operation, String path, Reason reason, int errno, String hint) {
        String what = operation + " " + path + ": ";
        String why =
                errno == 0
                        ? reason.name()
                        : Errno.nameOf(errno) + " (" + Errno.meaningOf(errno) + ")";
        return what + why + (hint.isEmpty() ? "" : "; " + hint);
    }

    /// {@return what was to be done, for example `read`}
    public String operation() {
        return operation;
    }

    /// {@return with what: a path inside as [SandboxPath#toString()] shows it, or one of the host}
    public String path() {
        return path;
    }

    /// {@return why not}
    public Reason reason() {
        return reason;
    }

    /// {@return the kernel's error, if a system call failed}
    public Optional<Errno> errno() {
        return Errno.numbered(errno);
    }

    /// {@return what is the matter and what to do; may be empty}
    public String hint() {
        return hint;
    }
}
