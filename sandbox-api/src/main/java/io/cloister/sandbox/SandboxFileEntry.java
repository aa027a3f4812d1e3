package io.cloister.sandbox;

import java.time.Instant;
import java.util.Objects;

/// What was found at a path inside a sandbox. A running program may have changed it since.
///
/// All of it is the program's word: it chooses names, modes and times as it likes.
///
/// @param path where it was found
/// @param kind what it is; a link is a link, whatever it leads to
/// @param size its size: bytes of a regular file, also of one with holes; bytes of the target of a
///   link; for the rest it means nothing
/// @param mode permission bits and set-uid, set-gid and sticky bit, 0 to 07777
/// @param links how many names it has
/// @param modified when its content was changed; a time that is out of the range of [Instant] is
///   the last or first one in it
/// @param accessed when it was last read, as far as the file system keeps that
/// @param changed when its content or its attributes were changed, which programs cannot choose
public record SandboxFileEntry(
        SandboxPath path,
        FileKind kind,
        Bytes size,
        int mode,
        long links,
        Instant modified,
        Instant accessed,
        Instant changed) {

    /// Checks that nothing is missing.
    public SandboxFileEntry {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(modified, "modified");
        Objects.requireNonNull(accessed, "accessed");
        Objects.requireNonNull(changed, "changed");
    }
}
