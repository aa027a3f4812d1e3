/// Reads and writes policies as JSON.
///
/// The entry types are [SpecJson], and [SyscallJson] for system calls alone. The package is not
/// exported: programs use `fromJson` and `toJson` of [io.cloister.sandbox.SandboxSpec],
/// [io.cloister.sandbox.syscall.SyscallPolicy] and
/// [io.cloister.sandbox.syscall.oci.SeccompProfile].
@NullMarked
package io.cloister.sandbox.json;

import org.jspecify.annotations.NullMarked;
