/// From rules on system calls to a BPF program for seccomp(2), as values only: nothing here calls
/// the kernel, reads a file or knows the time.
///
/// The way goes [io.cloister.sandbox.syscall.SyscallPolicy] ->
/// [io.cloister.sandbox.linux.seccomp.FilterCompiler] ->
/// [io.cloister.sandbox.linux.seccomp.BpfProgram] -> bytes.
/// [io.cloister.sandbox.linux.seccomp.BpfEvaluator] runs a program without a kernel.
///
/// It may depend on `io.cloister.sandbox.linux.program` for the CPU.
@NullMarked
package io.cloister.sandbox.linux.seccomp;

import org.jspecify.annotations.NullMarked;
