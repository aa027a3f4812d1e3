/// What host and plugins share: the extension points that a plugin fills, and the services that a
/// host may grant to it. Plugins are compiled against this package alone.
@NullMarked
package io.cloister.samples.plugins.api;

import org.jspecify.annotations.NullMarked;
