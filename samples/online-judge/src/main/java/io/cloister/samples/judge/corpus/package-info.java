/// Judges submissions whose verdicts are known. Entry type: [Corpus].
@NullMarked
package io.cloister.samples.judge.corpus;

import org.jspecify.annotations.NullMarked;
