package io.cloister.sandbox.linux.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// Each function of the C library that is called, all of them in one place: a native image has to
/// know their shapes when it is built, from
/// `META-INF/native-image/io.cloister/sandbox-linux/reachability-metadata.json`, which a test holds
/// against this list.
@SuppressWarnings("restricted")
enum Downcall {
    /// syscall(2), through which everything goes.
    SYSCALL(
            "syscall",
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG),
            Linker.Option.firstVariadicArg(1),
            Linker.Option.captureCallState("errno")),
    /// posix_spawn(3).
    SPAWN(
            "posix_spawn",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS)),
    /// posix_spawn_file_actions_init(3).
    ACTIONS_INIT("posix_spawn_file_actions_init", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
    /// posix_spawn_file_actions_destroy(3).
    ACTIONS_DESTROY("posix_spawn_file_actions_destroy", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
    /// posix_spawn_file_actions_adddup2(3).
    ADD_DUP2(
            "posix_spawn_file_actions_adddup2",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT)),
    /// posix_spawnattr_init(3).
    ATTRIBUTES_INIT("posix_spawnattr_init", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
    /// posix_spawnattr_destroy(3).
    ATTRIBUTES_DESTROY("posix_spawnattr_destroy", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
    /// posix_spawnattr_setflags(3).
    SET_FLAGS("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT)),
    /// posix_spawnattr_setsigdefault(3).
    SET_DEFAULTS(
            "posix_spawnattr_setsigdefault", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
    /// posix_spawnattr_setsigmask(3).
    SET_MASK("posix_spawnattr_setsigmask", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private final String symbol;
    private final FunctionDescriptor descriptor;
    private final List<Linker.Option> options;

    Downcall(String symbol, FunctionDescriptor descriptor, Linker.Option... options) {
        this.symbol = symbol;
        this.descriptor = descriptor;
        this.options = List.of(options);
    }

    /// Its types.
    FunctionDescriptor descriptor() {
        return descriptor;
    }

    /// How it is linked.
    List<Linker.Option> options() {
        return options;
    }

    /// A handle for it.
    MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        MemorySegment address =
                linker.defaultLookup()
                        .find(symbol)
                        .orElseThrow(
                                () -> new UnsatisfiedLinkError("the C library has no " + symbol));
        return linker.downcallHandle(address, descriptor, options.toArray(Linker.Option[]::new));
    }
}
