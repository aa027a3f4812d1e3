/// Runs plugins, each in a sandboxed virtual machine of its own, and lets the application call them
/// as Java interfaces. Entry type: [PluginHost].
@NullMarked
package io.cloister.samples.plugins.host;

import org.jspecify.annotations.NullMarked;
