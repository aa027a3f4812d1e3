/// From rules on system calls to a BPF program for seccomp(2), as values only: nothing here calls
/// the kernel, reads a file or knows the time.
///
/// The way goes [io.cloister.sandbox.linux.seccomp.Rule] ->
/// [io.cloister.sandbox.linux.seccomp.FilterPolicy] ->
/// [io.cloister.sandbox.linux.seccomp.FilterCompiler] ->
/// [io.cloister.sandbox.linux.seccomp.BpfProgram] -> bytes.
/// [io.cloister.sandbox.linux.seccomp.BpfEvaluator] runs a program without a kernel. The entry type
/// is [io.cloister.sandbox.linux.seccomp.StandardFilter], the filter of every sandbox.
///
/// It may depend on `io.cloister.sandbox.linux.program` for the CPU and the error numbers.
@NullMarked
package io.cloister.sandbox.linux.seccomp;

import org.jspecify.annotations.NullMarked;
