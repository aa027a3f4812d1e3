/// Reads small YAML files into values, and says which file and field is wrong. Entry type:
/// [Fields].
@NullMarked
package io.cloister.samples.judge.yaml;

import org.jspecify.annotations.NullMarked;
