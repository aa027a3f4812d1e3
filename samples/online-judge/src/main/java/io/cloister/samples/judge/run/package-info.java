/// Runs programs on tests: in sandboxes of a pool, or in conversation with an interactor. Entry
/// type: [Runner].
@NullMarked
package io.cloister.samples.judge.run;

import org.jspecify.annotations.NullMarked;
