/// What a module implements that makes sandboxes on one kind of system.
///
/// The entry type is [SandboxProvider], found through [java.util.ServiceLoader]. Programs that only
/// use sandboxes need nothing from here.
@NullMarked
package io.cloister.sandbox.spi;

import org.jspecify.annotations.NullMarked;
