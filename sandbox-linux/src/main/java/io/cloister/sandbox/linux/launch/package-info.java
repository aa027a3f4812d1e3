/// Launches: the image and the zygote, slots with host users of their own, and running sandboxes.
///
/// Entry type: [io.cloister.sandbox.linux.launch.Launcher]. Depends on everything below it: `plan`
/// and `program` decide and compile, `io` waits, `ffm` calls.
@NullMarked
package io.cloister.sandbox.linux.launch;

import org.jspecify.annotations.NullMarked;
