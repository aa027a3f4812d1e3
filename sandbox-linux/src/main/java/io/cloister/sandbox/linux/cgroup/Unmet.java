package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.LimitKind;

/// A limit that could not be set. The others hold; whether a run may go on without this one is the
/// caller's decision.
///
/// @param kind the limit
/// @param file the file that it is written to
/// @param value what should have been written
/// @param errno why not: ENOENT where this kernel, or this version of control groups, does not have
///   the file; ENODEV where the group does not have the controller
public record Unmet(LimitKind kind, String file, String value, int errno) {

    /// What failed, in one line.
    public String message() {
        return "%s (%s): %s (errno %d)".formatted(file, value, Errno.nameOf(errno), errno);
    }
}
