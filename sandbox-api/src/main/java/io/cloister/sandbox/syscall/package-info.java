/// Which system calls a sandbox may make: immutable values, made, compared and explained in Java.
///
/// The entry type is [io.cloister.sandbox.syscall.SyscallPolicy]; a sandbox takes it by
/// [io.cloister.sandbox.Sandbox.Builder#syscalls(io.cloister.sandbox.syscall.SyscallPolicy)].
@NullMarked
package io.cloister.sandbox.syscall;

import org.jspecify.annotations.NullMarked;
