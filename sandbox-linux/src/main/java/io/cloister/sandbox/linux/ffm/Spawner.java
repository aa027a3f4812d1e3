package io.cloister.sandbox.linux.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Starts the zygote: posix_spawn(3), which forks safely from a process with threads.
public final class Spawner {

    // glibc: sizeof(posix_spawnattr_t) = 336, sizeof(posix_spawn_file_actions_t) = 80; musl: less.
    private static final int OPAQUE_SIZE = 1024;
    private static final int SIGSET_SIZE = 128;
    private static final int POSIX_SPAWN_SETSIGDEF = 4;
    private static final int POSIX_SPAWN_SETSIGMASK = 8;

    private Spawner() {}

    /// Starts the program `path` without arguments or environment, no signal blocked, every signal
    /// at its default action.
    ///
    /// @param path the program
    /// @param descriptors `descriptors[i]` becomes descriptor i of the new process
    /// @return its pid, or -errno
    public static int spawn(String path, int... descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(OPAQUE_SIZE, 16);
            MemorySegment attributes = arena.allocate(OPAQUE_SIZE, 16);
            int failed = call(Downcall.ACTIONS_INIT, actions.address());
            if (failed != 0) {
                return -failed;
            }
            try {
                failed = call(Downcall.ATTRIBUTES_INIT, attributes.address());
                if (failed != 0) {
                    return -failed;
                }
                try {
                    failed = prepare(arena, actions, attributes, descriptors);
                    return failed != 0 ? -failed : start(arena, path, actions, attributes);
                } finally {
                    call(Downcall.ATTRIBUTES_DESTROY, attributes.address());
                }
            } finally {
                call(Downcall.ACTIONS_DESTROY, actions.address());
            }
        }
    }

    private static int prepare(
            Arena arena, MemorySegment actions, MemorySegment attributes, int[] descriptors) {
        // All bits: glibc leaves its two internal signals (32, 33) ignored unless they are named.
        MemorySegment all = arena.allocate(SIGSET_SIZE, 8).fill((byte) 0xff);
        MemorySegment none = arena.allocate(SIGSET_SIZE, 8);
        int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        int failed = call(Downcall.SET_FLAGS, attributes.address(), flags);
        if (failed == 0) {
            failed = call(Downcall.SET_DEFAULTS, attributes.address(), all.address());
        }
        if (failed == 0) {
            failed = call(Downcall.SET_MASK, attributes.address(), none.address());
        }
        for (int i = 0; i < descriptors.length && failed == 0; i++) {
            failed = call(Downcall.ADD_DUP2, actions.address(), descriptors[i], i);
        }
        return failed;
    }

    private static int start(
            Arena arena, String path, MemorySegment actions, MemorySegment attributes) {
        MemorySegment pid = arena.allocate(4, 4);
        MemorySegment argv = arena.allocate(16, 8);
        argv.set(ValueLayout.ADDRESS, 0, arena.allocateFrom("cloister"));
        MemorySegment envp = arena.allocate(8, 8);
        int failed =
                call(
                        Downcall.SPAWN,
                        pid.address(),
                        arena.allocateFrom(path).address(),
                        actions.address(),
                        attributes.address(),
                        argv.address(),
                        envp.address());
        return failed != 0 ? -failed : pid.get(ValueLayout.JAVA_INT, 0);
    }

    private static int call(Downcall function, long... a) {
        return Libc.call(
                function,
                a[0],
                a.length > 1 ? a[1] : 0,
                a.length > 2 ? a[2] : 0,
                a.length > 3 ? a[3] : 0,
                a.length > 4 ? a[4] : 0,
                a.length > 5 ? a[5] : 0);
    }
}
