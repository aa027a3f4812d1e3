package io.cloister.sandbox.linux.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// Each function of the C library that is called, all of them in one place.
///
/// All are called in one shape, that of syscall(2): seven words in, one out. The calling
/// conventions of x86-64 and aarch64 Linux pass integers and pointers in the same way, a function
/// does not look at arguments that it has not got, and a result of type int is the lower half of
/// the word. Each further shape would be further classes that the JVM makes at each start, of which
/// no AOT cache keeps any.
///
/// A native image has to know the shape when it is built, from
/// `META-INF/native-image/io.cloister/sandbox-linux/reachability-metadata.json`, which a test holds
/// against it.
@SuppressWarnings("restricted")
enum Downcall {
    /// syscall(2), through which everything goes.
    SYSCALL("syscall"),
    /// posix_spawn(3).
    SPAWN("posix_spawn"),
    /// posix_spawn_file_actions_init(3).
    ACTIONS_INIT("posix_spawn_file_actions_init"),
    /// posix_spawn_file_actions_destroy(3).
    ACTIONS_DESTROY("posix_spawn_file_actions_destroy"),
    /// posix_spawn_file_actions_adddup2(3).
    ADD_DUP2("posix_spawn_file_actions_adddup2"),
    /// posix_spawnattr_init(3).
    ATTRIBUTES_INIT("posix_spawnattr_init"),
    /// posix_spawnattr_destroy(3).
    ATTRIBUTES_DESTROY("posix_spawnattr_destroy"),
    /// posix_spawnattr_setflags(3).
    SET_FLAGS("posix_spawnattr_setflags"),
    /// posix_spawnattr_setsigdefault(3).
    SET_DEFAULTS("posix_spawnattr_setsigdefault"),
    /// posix_spawnattr_setsigmask(3).
    SET_MASK("posix_spawnattr_setsigmask");

    private static final FunctionDescriptor DESCRIPTOR =
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG);
    private static final List<Linker.Option> OPTIONS =
            List.of(Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno"));

    private final String symbol;

    Downcall(String symbol) {
        this.symbol = symbol;
    }

    /// The types of all.
    static FunctionDescriptor descriptor() {
        return DESCRIPTOR;
    }

    /// How all are linked.
    static List<Linker.Option> options() {
        return OPTIONS;
    }

    /// A handle for all: address, errno, seven words.
    static MethodHandle link() {
        return Linker.nativeLinker()
                .downcallHandle(DESCRIPTOR, OPTIONS.toArray(Linker.Option[]::new));
    }

    /// Where it is.
    MemorySegment address() {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(symbol)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + symbol));
    }
}
