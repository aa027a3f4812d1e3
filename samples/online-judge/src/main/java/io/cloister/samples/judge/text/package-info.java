/// Makes text that hostile programs wrote fit to be shown. Pure. Entry type: [Shown].
@NullMarked
package io.cloister.samples.judge.text;

import org.jspecify.annotations.NullMarked;
