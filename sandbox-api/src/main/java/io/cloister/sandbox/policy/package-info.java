/// The parts of a sandbox's policy as immutable values: file system, identity and limits.
///
/// The entry type is [FilesystemPolicy]; most programs never name these types and call the setters
/// of [io.cloister.sandbox.Sandbox.Builder] instead. The package reads no files and starts nothing.
@NullMarked
package io.cloister.sandbox.policy;

import org.jspecify.annotations.NullMarked;
