/// Descriptors: the event loop, and streams over pipes that park instead of blocking a thread.
///
/// Entry types: [io.cloister.sandbox.linux.io.EventLoop],
/// [io.cloister.sandbox.linux.io.PipeInputStream], [io.cloister.sandbox.linux.io.PipeOutputStream].
/// Depends on `ffm` and `program` (constants).
@NullMarked
package io.cloister.sandbox.linux.io;

import org.jspecify.annotations.NullMarked;
