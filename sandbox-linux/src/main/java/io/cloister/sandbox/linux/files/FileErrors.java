package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;

/// Makes exceptions of what went wrong with a file.
final class FileErrors {

    private FileErrors() {}

    /// The exception for the result of a system call.
    static SandboxFileException of(String operation, String path, long result) {
        int errno = (int) -result;
        Reason reason = Errno.numbered(errno).map(FileErrors::reason).orElse(Reason.OTHER);
        return new SandboxFileException(operation, path, reason, errno, hint(reason, errno));
    }

    /// The exception for what no system call has refused.
    static SandboxFileException of(String operation, String path, Reason reason, String hint) {
        return new SandboxFileException(operation, path, reason, 0, hint);
    }

    /// `result`, if it is no error.
    static int check(String operation, String path, int result) {
        if (result < 0) {
            throw of(operation, path, result);
        }
        return result;
    }

    private static Reason reason(Errno errno) {
        return switch (errno) {
            case ENOENT -> Reason.NOT_FOUND;
            case EEXIST, ENOTEMPTY -> Reason.EXISTS;
            case EISDIR -> Reason.IS_DIRECTORY;
            case ENOTDIR -> Reason.NOT_DIRECTORY;
            case ELOOP -> Reason.LINK;
            case EXDEV, EBUSY -> Reason.MOUNT;
            case EACCES, EPERM -> Reason.DENIED;
            case EROFS -> Reason.READ_ONLY;
            case ENOSPC, EDQUOT -> Reason.FULL;
            case EFBIG -> Reason.TOO_LARGE;
            case EAGAIN -> Reason.CHANGING;
            default -> Reason.OTHER;
        };
    }

    private static String hint(Reason reason, int errno) {
        return switch (reason) {
            case NOT_FOUND -> "check the path; a directory on the way must exist";
            case EXISTS -> "choose another place, or delete what is there";
            case IS_DIRECTORY -> "a file is wanted here";
            case NOT_DIRECTORY -> "a directory is wanted here; a link does not count";
            case LINK -> "a symbolic link is not followed here; give the path that it leads to";
            case MOUNT -> "a mount stands there, which is left alone; name what is in it";
            case DENIED -> "the user of the sandbox may not do that; check owner and mode";
            case READ_ONLY ->
                    "the policy shows it read-only: writable(...) or tmpfs(...) would not";
            case FULL -> "delete something, or give the file system more room in the policy";
            case CHANGING ->
                    "a program inside keeps changing the path or has a lease on the file; pause it";
            case NOT_REGULAR, TOO_LARGE, TOO_MANY, INTERRUPTED, CLOSED -> "";
            case OTHER -> otherHint(errno);
        };
    }

    private static String otherHint(int errno) {
        if (errno == Errno.ENAMETOOLONG.number()) {
            return "a path has at most 4095 bytes";
        }
        if (errno == Errno.EMFILE.number() || errno == Errno.ENFILE.number()) {
            return "raise the limit on open files";
        }
        if (errno == Errno.EOVERFLOW.number()) {
            return "the user has no meaning in this file system; see user_namespaces(7)";
        }
        return "";
    }
}
