package io.cloister.sandbox;

import java.util.Objects;

/// What a run moved from and to block devices; what the page cache had, or still holds, is not
/// among it. Source: `io.stat` of cgroups(7), `blkio.throttle.io_service_bytes` in version 1.
///
/// @param read bytes read
/// @param written bytes written
/// @param readOperations how many reads
/// @param writeOperations how many writes
public record IoUsage(Bytes read, Bytes written, long readOperations, long writeOperations) {
    /// Refuses null.
    public IoUsage {
        Objects.requireNonNull(read, "read");
        Objects.requireNonNull(written, "written");
    }
}
