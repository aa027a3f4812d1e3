/// What runs inside the sandbox: loads one plugin by PF4J and answers calls of its extensions.
/// Nothing of the host is on its class path but [io.cloister.samples.plugins.api] and
/// [io.cloister.samples.plugins.wire].
@NullMarked
package io.cloister.samples.plugins.runner;

import org.jspecify.annotations.NullMarked;
