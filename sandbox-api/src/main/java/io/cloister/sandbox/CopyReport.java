package io.cloister.sandbox;

import java.util.List;
import java.util.Objects;

/// What a copy has brought. Immutable.
///
/// @param files how many regular files
/// @param directories how many directories, with the one at the top
/// @param links how many links were made
/// @param bytes the bytes of the files
/// @param skippedCount how many entries were left out
/// @param skipped the first 1,000 of them
public record CopyReport(
        long files,
        long directories,
        long links,
        Bytes bytes,
        long skippedCount,
        List<Skipped> skipped) {

    /// Copies the list.
    public CopyReport {
        Objects.requireNonNull(bytes, "bytes");
        skipped = List.copyOf(skipped);
    }

    /// An entry that was left out.
    ///
    /// @param path where it is, seen from the top of the copy, which is `/`
    /// @param why what it is: a word such as `link`, `fifo` or `mount`
    public record Skipped(SandboxPath path, String why) {

        /// Checks that nothing is missing.
        public Skipped {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(why, "why");
        }
    }
}
