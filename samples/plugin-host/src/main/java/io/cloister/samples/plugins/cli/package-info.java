/// The commands of the sample: a demonstration with hostile plugins, and a benchmark.
@NullMarked
package io.cloister.samples.plugins.cli;

import org.jspecify.annotations.NullMarked;
