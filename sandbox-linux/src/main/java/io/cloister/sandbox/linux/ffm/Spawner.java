package io.cloister.sandbox.linux.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Starts the zygote: posix_spawn(3), which forks safely from a process with threads.
public final class Spawner {

    // glibc: sizeof(posix_spawnattr_t) = 336, sizeof(posix_spawn_file_actions_t) = 80; musl: less.
    private static final int OPAQUE_SIZE = 1024;
    private static final int SIGSET_SIZE = 128;
    private static final short POSIX_SPAWN_SETSIGDEF = 4;
    private static final short POSIX_SPAWN_SETSIGMASK = 8;

    private static final MethodHandle ACTIONS_INIT = Downcall.ACTIONS_INIT.link();
    private static final MethodHandle ACTIONS_DESTROY = Downcall.ACTIONS_DESTROY.link();
    private static final MethodHandle ADD_DUP2 = Downcall.ADD_DUP2.link();
    private static final MethodHandle ATTRIBUTES_INIT = Downcall.ATTRIBUTES_INIT.link();
    private static final MethodHandle ATTRIBUTES_DESTROY = Downcall.ATTRIBUTES_DESTROY.link();
    private static final MethodHandle SET_FLAGS = Downcall.SET_FLAGS.link();
    private static final MethodHandle SET_DEFAULTS = Downcall.SET_DEFAULTS.link();
    private static final MethodHandle SET_MASK = Downcall.SET_MASK.link();

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
            int failed = (int) ACTIONS_INIT.invokeExact(actions);
            if (failed != 0) {
                return -failed;
            }
            try {
                failed = (int) ATTRIBUTES_INIT.invokeExact(attributes);
                if (failed != 0) {
                    return -failed;
                }
                try {
                    failed = prepare(arena, actions, attributes, descriptors);
                    return failed != 0 ? -failed : start(arena, path, actions, attributes);
                } finally {
                    int ignored = (int) ATTRIBUTES_DESTROY.invokeExact(attributes);
                }
            } finally {
                int ignored = (int) ACTIONS_DESTROY.invokeExact(actions);
            }
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    private static int prepare(
            Arena arena, MemorySegment actions, MemorySegment attributes, int[] descriptors)
            throws Throwable {
        // All bits: glibc leaves its two internal signals (32, 33) ignored unless they are named.
        MemorySegment all = arena.allocate(SIGSET_SIZE, 8).fill((byte) 0xff);
        MemorySegment none = arena.allocate(SIGSET_SIZE, 8);
        short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        int failed = (int) SET_FLAGS.invokeExact(attributes, flags);
        if (failed == 0) {
            failed = (int) SET_DEFAULTS.invokeExact(attributes, all);
        }
        if (failed == 0) {
            failed = (int) SET_MASK.invokeExact(attributes, none);
        }
        for (int i = 0; i < descriptors.length && failed == 0; i++) {
            failed = (int) ADD_DUP2.invokeExact(actions, descriptors[i], i);
        }
        return failed;
    }

    private static int start(
            Arena arena, String path, MemorySegment actions, MemorySegment attributes) {
        MemorySegment pid = arena.allocate(4, 4);
        MemorySegment argv = arena.allocate(16, 8);
        argv.set(ValueLayout.ADDRESS, 0, arena.allocateFrom("cloister"));
        MemorySegment envp = arena.allocate(8, 8);
        int result =
                Libc.posixSpawn(pid, arena.allocateFrom(path), actions, attributes, argv, envp);
        return result < 0 ? result : pid.get(ValueLayout.JAVA_INT, 0);
    }
}
