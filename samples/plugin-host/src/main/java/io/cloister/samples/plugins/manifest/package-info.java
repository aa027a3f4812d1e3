/// What a plugin asks for, what the administrator lets it have, and the policy of a sandbox that
/// comes of it. Pure: values to values, but for the reading of the manifest. Entry type:
/// [PluginManifest].
@NullMarked
package io.cloister.samples.plugins.manifest;

import org.jspecify.annotations.NullMarked;
