/// The only user of `java.lang.foreign`: bindings of the C library and the kernel.
///
/// Entry types: [io.cloister.sandbox.linux.ffm.Kernel] (system calls),
/// [io.cloister.sandbox.linux.ffm.Spawner] (posix_spawn), [io.cloister.sandbox.linux.ffm.Packets]
/// (messages with descriptors). A binding returns a value >= 0, or -errno; nothing here decides
/// anything. May depend on `program` for names and numbers and on values of `plan`, on nothing else
/// of this module.
@NullMarked
package io.cloister.sandbox.linux.ffm;

import org.jspecify.annotations.NullMarked;
