package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;

import java.util.EnumMap;
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
    private final TreeMap<Integer, Syscall> calls = new TreeMap<>();
    private final Map<Syscall, Integer> numbers = new EnumMap<>(Syscall.class);

    private SyscallTable(int auditArchitecture, TreeMap<Integer, String> names) {
        this.auditArchitecture = auditArchitecture;
        names.forEach((number, name) -> {
            Syscall call = Syscall.named(name).orElseThrow();
            calls.put(number, call);
            numbers.put(call, number);
        });
    }

    /// {@return the table of `cpu`}
    public static SyscallTable of(CpuArchitecture cpu) {
        return switch (cpu) {
            case X86_64 -> X86.TABLE;
            case AARCH64 -> Aarch64.TABLE;
        };
    }

    /// {@return the number of the call, empty if this CPU does not have it}
    public OptionalInt number(Syscall call) {
        Integer number = numbers.get(call);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// {@return the call of a number, empty if there is none}
    public Optional<Syscall> call(int number) {
        return Optional.ofNullable(calls.get(number));
    }

    /// {@return the lowest number that is above all calls of the table}
    public int limit() {
        return calls.lastKey() + 1;
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
