package io.cloister.sandbox;

import java.util.Objects;

/// How much of a tree is copied, and what becomes of what is neither file nor directory. Immutable.
///
/// @param maxBytes the bytes of all files together
/// @param maxEntries the files, directories and others together, with those that are left out
/// @param others what becomes of links, FIFOs, sockets, devices and mounts
public record CopyOptions(Bytes maxBytes, long maxEntries, Others others) {

    /// 1 GiB.
    public static final Bytes DEFAULT_MAX_BYTES = Bytes.gibibytes(1);

    /// 100,000.
    public static final long DEFAULT_MAX_ENTRIES = 100_000;

    /// What becomes of what is neither a regular file nor a directory of the tree's own mount:
    /// symbolic links, FIFOs, sockets, devices, and what another mount covers.
    public enum Others {
        /// The copy fails at the first one.
        REFUSE,
        /// They are left out, and counted.
        SKIP,
        /// Symbolic links become links with the same target, and the rest is left out. For copies
        /// into a sandbox: on the host a link of the program's making would be a trap for whoever
        /// reads the copy.
        KEEP_LINKS
    }

    /// Checks the caps.
    ///
    /// @throws IllegalArgumentException if `maxEntries` is not positive
    public CopyOptions {
        Objects.requireNonNull(maxBytes, "maxBytes");
        Objects.requireNonNull(others, "others");
        if (maxEntries <= 0) {
            throw new IllegalArgumentException("maxEntries must be > 0, was " + maxEntries);
        }
    }

    /// {@return 1 GiB, 100,000 entries, and everything that is no file or directory is refused}
    public static CopyOptions defaults() {
        return new CopyOptions(DEFAULT_MAX_BYTES, DEFAULT_MAX_ENTRIES, Others.REFUSE);
    }

    /// {@return these options with this cap on the bytes}
    ///
    /// @param bytes of all files together
    public CopyOptions maxBytes(Bytes bytes) {
        return new CopyOptions(bytes, maxEntries, others);
    }

    /// {@return these options with this cap on the number of entries}
    ///
    /// @param entries positive
    /// @throws IllegalArgumentException if it is not positive
    public CopyOptions maxEntries(long entries) {
        return new CopyOptions(maxBytes, entries, others);
    }

    /// {@return these options, leaving out what is neither file nor directory}
    public CopyOptions skipOthers() {
        return new CopyOptions(maxBytes, maxEntries, Others.SKIP);
    }

    /// {@return these options, keeping links as links; for copies into a sandbox alone}
    public CopyOptions keepLinks() {
        return new CopyOptions(maxBytes, maxEntries, Others.KEEP_LINKS);
    }
}
