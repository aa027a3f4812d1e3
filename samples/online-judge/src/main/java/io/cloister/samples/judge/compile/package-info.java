/// Compiles sources, each in a sandbox of its own, and keeps what came of it. Entry type:
/// [Compiler].
@NullMarked
package io.cloister.samples.judge.compile;

import org.jspecify.annotations.NullMarked;
