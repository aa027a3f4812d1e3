package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// The system calls of one CPU: their names and numbers, up to Linux 7.0. Immutable.
///
/// Only calls that have the number on a 64-bit kernel are here. Some are in the table and in no
/// kernel any more (`create_module`); the number stays theirs.
public final class SyscallTable {

    private final int auditArchitecture;
    private final TreeMap<Integer, String> names;
    private final Map<String, Integer> numbers = new HashMap<>();

    private SyscallTable(int auditArchitecture, TreeMap<Integer, String> names) {
        this.auditArchitecture = auditArchitecture;
        this.names = names;
        for (Map.Entry<Integer, String> entry : names.entrySet()) {
            numbers.put(entry.getValue(), entry.getKey());
        }
    }

    /// {@return the table of `cpu`}
    public static SyscallTable of(CpuArchitecture cpu) {
        return switch (cpu) {
            case X86_64 -> X86.TABLE;
            case AARCH64 -> Aarch64.TABLE;
        };
    }

    /// Whether there is a CPU that has a call of this name.
    public static boolean isKnown(String name) {
        return X86.TABLE.numbers.containsKey(name) || Aarch64.TABLE.numbers.containsKey(name);
    }

    /// {@return the number of the call, empty if this CPU does not have it}
    public OptionalInt number(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// {@return the name of the call, empty if no call has this number}
    public Optional<String> name(int number) {
        return Optional.ofNullable(names.get(number));
    }

    /// {@return the lowest number that is above all calls of the table}
    public int limit() {
        return names.lastKey() + 1;
    }

    /// {@return what seccomp(2) calls the `AUDIT_ARCH_*` value of the CPU; see linux/audit.h}
    public int auditArchitecture() {
        return auditArchitecture;
    }

    private static final class X86 {
        /// `AUDIT_ARCH_X86_64`. The x32 calls have the same value, and bit 30 set in the number.
        static final SyscallTable TABLE = new SyscallTable(0xc000003e, SyscallNumbers.x86());
    }

    private static final class Aarch64 {
        /// `AUDIT_ARCH_AARCH64`.
        static final SyscallTable TABLE = new SyscallTable(0xc00000b7, SyscallNumbers.aarch64());
    }
}
