package io.cloister.sandbox.syscall;

/// Answers system calls of a sandboxed program in the JVM.
///
/// Called on a virtual thread of its own for each call, several at a time, while the thread that
/// made the call waits. An exception, or an answer that is late, becomes the error of
/// [SyscallHandling#onFailure()]: it is never an allowance.
///
/// **What must not be decided here.** The six arguments are copies, and hold still. What they point
/// to does not: other threads of the program, and other processes that share its memory, can change
/// it between the look and the kernel's own. So a path, a socket address or any other pointed-to
/// value may be logged, and must not decide [SyscallAnswer#allow()]. Either the answer does not
/// depend on it, or the handler does what was asked for by itself and answers with a value or a
/// descriptor. Source: seccomp_unotify(2).
///
/// A signal can interrupt a call while it is answered, and the program then makes it anew: a
/// handler must not mind being asked twice.
@FunctionalInterface
public interface SyscallHandler {

    /// Answers one call.
    ///
    /// @param request the call
    /// @return the answer
    /// @throws Exception if there is none; the program sees an error then
    SyscallAnswer answer(SyscallRequest request) throws Exception;
}
