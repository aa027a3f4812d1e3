package io.cloister.sandbox;

import io.cloister.sandbox.check.Paths;

import java.nio.file.Path;
import java.util.Objects;

/// What is to be copied out of a sandbox when a run is over; see [Command#collect(String, Path)].
///
/// @param inside a file or a directory of the sandbox
/// @param outside what the copy becomes, on the host
/// @param options how much, and what becomes of links and devices
public record OutputFiles(SandboxPath inside, Path outside, CopyOptions options) {

    /// Checks the parts.
    ///
    /// @throws IllegalArgumentException if `outside` is not absolute and normalized, or the options
    ///   keep links
    public OutputFiles {
        Objects.requireNonNull(inside, "inside");
        Paths.host(outside);
        if (options.others() == CopyOptions.Others.KEEP_LINKS) {
            throw new IllegalArgumentException(
                    "links are not kept in a copy to the host: use skipOthers()");
        }
    }
}
