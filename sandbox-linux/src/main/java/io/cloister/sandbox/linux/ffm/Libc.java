package io.cloister.sandbox.linux.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The handles: `syscall(2)` for everything, and `posix_spawn`, which is no system call.
///
/// Going through syscall(2) needs no wrapper of the C library, so a new call works with an old
/// glibc and with musl. Each call captures errno in a segment of its own: a shared one gave wrong
/// numbers under load.
final class Libc {

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = Downcall.SYSCALL.link();
    private static final MethodHandle POSIX_SPAWN = Downcall.SPAWN.link();

    private Libc() {}

    /// syscall(2). Returns the result, or -errno.
    static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long result = (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// posix_spawn(3). Returns 0, or -errno (the function returns the number itself).
    static int posixSpawn(
            MemorySegment pid,
            MemorySegment path,
            MemorySegment actions,
            MemorySegment attributes,
            MemorySegment argv,
            MemorySegment envp) {
        try {
            return -(int) POSIX_SPAWN.invokeExact(pid, path, actions, attributes, argv, envp);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// An Error or RuntimeException passes as it is; a handle throws nothing else.
    static RuntimeException unexpected(Throwable t) {
        return switch (t) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(t);
        };
    }
}
