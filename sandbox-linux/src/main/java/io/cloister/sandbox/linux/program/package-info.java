/// Syscall programs: the operations, the interpreter that runs them, and the compilers that turn a
/// launch plan into one.
///
/// Entry types: [io.cloister.sandbox.linux.program.LaunchCompiler] (a launch),
/// [io.cloister.sandbox.linux.program.ZygoteProgram] (the launcher's loop),
/// [io.cloister.sandbox.linux.program.ProgramPrinter] (`explain`). Pure: bytes in, bytes out; its
/// tests run on any system. Depends on `plan` and `mount`.
@NullMarked
package io.cloister.sandbox.linux.program;

import org.jspecify.annotations.NullMarked;
