/// The languages that submissions are written in: descriptions, and what of them the host has.
/// Entry type: [Languages].
@NullMarked
package io.cloister.samples.judge.language;

import org.jspecify.annotations.NullMarked;
