package io.cloister.sandbox.bubblewrap;

import java.util.OptionalInt;

/// What a command line of bubblewrap asks of the one who runs it. The numbers are those of
/// descriptors of the caller's process.
///
/// @param info where the id of the command's process is to be written as JSON (`--info-fd`)
/// @param status where that and the exit status are to be written, a line each (`--json-status-fd`)
/// @param block what is to be read from before the command starts (`--block-fd`)
/// @param diesWithParent whether the run is to end with the parent of the caller's process
///   (`--die-with-parent`); it ends with the process itself anyway
public record Supervision(
        OptionalInt info, OptionalInt status, OptionalInt block, boolean diesWithParent) {}
