/// Text that is kept in files.
///
/// The entry type is [TextFile]. The package is not exported, and depends on no other one.
@NullMarked
package io.cloister.sandbox.text;

import org.jspecify.annotations.NullMarked;
