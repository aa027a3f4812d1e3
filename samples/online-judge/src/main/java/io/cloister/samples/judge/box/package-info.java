/// The sandboxes of the judge and their policies. Entry type: [Boxes].
@NullMarked
package io.cloister.samples.judge.box;

import org.jspecify.annotations.NullMarked;
