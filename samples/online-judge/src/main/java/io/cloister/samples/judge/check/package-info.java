/// Compares what a program wrote with the answer of the jury. Pure. Entry type: [AnswerChecker].
@NullMarked
package io.cloister.samples.judge.check;

import org.jspecify.annotations.NullMarked;
