/// Problems in the ICPC problem-package layout. Reads files and nothing else. Entry type:
/// [Problems].
@NullMarked
package io.cloister.samples.judge.problem;

import org.jspecify.annotations.NullMarked;
