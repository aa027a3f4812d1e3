/// What a judge does with a submission: compiles it, runs it on the tests of its problem, and says
/// what came of it. Knows sandboxes, and neither databases nor the web. Entry type: [Judge].
@NullMarked
package io.cloister.samples.judge.engine;

import org.jspecify.annotations.NullMarked;
