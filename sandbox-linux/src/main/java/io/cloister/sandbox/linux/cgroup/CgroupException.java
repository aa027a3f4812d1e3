package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;

import java.io.Serial;

/// An operation on a control group failed.
public final class CgroupException extends RuntimeException {

    @Serial private static final long serialVersionUID = 1L;

    private final String file;
    private final String value;
    private final int errno;

    /// @param file the file or directory
    /// @param value what was written to it; for another operation its name, such as `mkdir`
    /// @param errno the error number
    public CgroupException(String file, String value, int errno) {
        super("%s (%s) failed: %s (errno %d)".formatted(file, value, Errno.nameOf(errno), errno));
        this.file = file;
        this.value = value;
        this.errno = errno;
    }

    /// The file or directory.
    public String file() {
        return file;
    }

    /// What was written, or the name of the operation.
    public String value() {
        return value;
    }

    /// The error number.
    public int errno() {
        return errno;
    }
}
