/// Whether threads that sleep can ever go on: what they wait for, read from what the kernel tells
/// of them, and the decision.
///
/// Entry types: [io.cloister.sandbox.linux.standstill.Wait] and
/// [io.cloister.sandbox.linux.standstill.Standstill]. Pure. Depends on the API alone.
@NullMarked
package io.cloister.sandbox.linux.standstill;

import org.jspecify.annotations.NullMarked;
