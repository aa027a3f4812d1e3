/// The command `build-step`.
///
/// The entry type is [io.cloister.samples.build.Main].
@NullMarked
package io.cloister.samples.build;

import org.jspecify.annotations.NullMarked;
