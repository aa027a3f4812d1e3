/// Text that is kept in files, and the text of values with many parts.
///
/// The entry types are [TextFile] and [Parts]. The package is not exported, and depends on
/// [io.cloister.sandbox.Units] alone.
@NullMarked
package io.cloister.sandbox.text;

import org.jspecify.annotations.NullMarked;
