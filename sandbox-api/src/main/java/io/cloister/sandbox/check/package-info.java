/// Checks of text and paths that several packages share.
///
/// The entry types are [Texts] and [Paths]. The package is not exported, depends on no other one,
/// and reads no files.
@NullMarked
package io.cloister.sandbox.check;

import org.jspecify.annotations.NullMarked;
