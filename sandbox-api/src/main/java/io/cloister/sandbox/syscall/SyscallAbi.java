package io.cloister.sandbox.syscall;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// The system-call interfaces of 64-bit Linux that a sandbox can run under: which calls each has,
/// and their numbers, up to Linux 7.0.
public enum SyscallAbi {
    /// AMD64, without x32 and without the 32-bit entry points.
    X86_64("x86-64", "amd64"),
    /// 64-bit Arm.
    AARCH64("aarch64", "aarch64");

    private final String label;
    private final String javaName;

    SyscallAbi(String label, String javaName) {
        this.label = label;
        this.javaName = javaName;
    }

    /// Made when they are asked for, and once.
    private static final class X86 {
        static final Table TABLE = new Table(SyscallNumbers.x86());
    }

    private static final class Aarch64 {
        static final Table TABLE = new Table(SyscallNumbers.aarch64());
    }

    private static final class Table {
        final NavigableMap<Integer, Syscall> calls;
        final Map<Syscall, Integer> numbers = new EnumMap<>(Syscall.class);

        Table(TreeMap<Integer, String> names) {
            TreeMap<Integer, Syscall> found = new TreeMap<>();
            names.forEach((number, name) -> {
                Syscall call = Syscall.named(name).orElseThrow();
                found.put(number, call);
                numbers.put(call, number);
            });
            calls = Collections.unmodifiableNavigableMap(found);
        }
    }

    private Table table() {
        return switch (this) {
            case X86_64 -> X86.TABLE;
            case AARCH64 -> Aarch64.TABLE;
        };
    }

    /// {@return the name for people, for example `x86-64`}
    public String label() {
        return label;
    }

    /// {@return the interface that this JVM's host has; empty for a CPU that is none of these}
    public static Optional<SyscallAbi> ofThisJvm() {
        String name = System.getProperty("os.arch");
        for (SyscallAbi abi : values()) {
            if (abi.javaName.equals(name)) {
                return Optional.of(abi);
            }
        }
        return Optional.empty();
    }

    /// {@return all calls by their numbers; unmodifiable}
    public NavigableMap<Integer, Syscall> calls() {
        return table().calls;
    }

    /// {@return the number of a call; empty if the interface does not have it}
    ///
    /// @param call the call
    public OptionalInt number(Syscall call) {
        Integer number = table().numbers.get(call);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
