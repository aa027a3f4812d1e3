/// When a plugin is started, restarted and given up, and in what words its end is told. Pure: no
/// clock, no process. Entry type: [Lifecycle].
@NullMarked
package io.cloister.samples.plugins.supervise;

import org.jspecify.annotations.NullMarked;
