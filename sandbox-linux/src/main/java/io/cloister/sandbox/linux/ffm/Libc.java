package io.cloister.sandbox.linux.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The calls: `syscall(2)` for everything, and `posix_spawn`, which is no system call.
///
/// Going through syscall(2) needs no wrapper of the C library, so a new call works with an old
/// glibc and with musl. Each call captures errno in a segment of its own: a shared one gave wrong
/// numbers under load.
final class Libc {

    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO =
            CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle HANDLE = Downcall.link();
    private static final MemorySegment SYSCALL = Downcall.SYSCALL.address();

    private Libc() {}

    /// syscall(2). Returns the result, or -errno.
    static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long result = (long) HANDLE.invokeExact(SYSCALL, state, number, a, b, c, d, e, f);
            return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : result;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// A function that returns an int: 0, or the number of the error.
    static int call(Downcall function, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    (long)
                            HANDLE.invokeExact(
                                    function.address(),
                                    arena.allocate(CALL_STATE),
                                    a,
                                    b,
                                    c,
                                    d,
                                    e,
                                    f,
                                    0L);
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
