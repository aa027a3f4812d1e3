package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;

import java.util.Optional;
import java.util.OptionalInt;

/// The system calls of one CPU: their names and numbers, up to Linux 7.0. Immutable.
///
/// Only calls that have the number on a 64-bit kernel are here. Some are in the table and in no
/// kernel any more (`create_module`); the number stays theirs.
public final class SyscallTable {

    /// `AUDIT_ARCH_X86_64`. The x32 calls have the same value, and bit 30 set in the number.
    private static final SyscallTable X86 = new SyscallTable(SyscallAbi.X86_64, 0xc000003e);

    /// `AUDIT_ARCH_AARCH64`.
    private static final SyscallTable AARCH64 = new SyscallTable(SyscallAbi.AARCH64, 0xc00000b7);

    private final SyscallAbi abi;
    private final int auditArchitecture;

    private SyscallTable(SyscallAbi abi, int auditArchitecture) {
        this.abi = abi;
        this.auditArchitecture = auditArchitecture;
    }

    /// {@return the table of `cpu`}
    public static SyscallTable of(CpuArchitecture cpu) {
        return switch (cpu) {
            case X86_64 -> X86;
            case AARCH64 -> AARCH64;
        };
    }

    /// {@return the number of the call, empty if this CPU does not have it}
    public OptionalInt number(Syscall call) {
        return abi.number(call);
    }

    /// {@return the call of a number, empty if there is none}
    public Optional<Syscall> call(int number) {
        return Optional.ofNullable(abi.calls().get(number));
    }

    /// {@return the lowest number that is above all calls of the table}
    public int limit() {
        return abi.calls().lastKey() + 1;
    }

    /// {@return what seccomp(2) calls the `AUDIT_ARCH_*` value of the CPU; see linux/audit.h}
    public int auditArchitecture() {
        return auditArchitecture;
    }
}
