/// What the end of a run means for a submission. Pure: from values to values. Entry type:
/// [Endings].
@NullMarked
package io.cloister.samples.judge.verdict;

import org.jspecify.annotations.NullMarked;
