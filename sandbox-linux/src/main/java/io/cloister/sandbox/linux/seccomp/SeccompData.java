package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;

import java.util.List;

/// A system call as a filter sees it.
///
/// ```c
/// struct seccomp_data {              // linux/seccomp.h
///     int nr;                        // offset 0
///     __u32 arch;                    // offset 4
///     __u64 instruction_pointer;     // offset 8
///     __u64 args[6];                 // offset 16
/// };
/// ```
///
/// @param number the number of the call
/// @param architecture the `AUDIT_ARCH_*` value
/// @param instructionPointer where the call was made
/// @param arguments the six argument registers
public record SeccompData(
        int number, int architecture, long instructionPointer, List<Long> arguments) {

    /// `sizeof(struct seccomp_data)`.
    static final int SIZE = 64;

    static final int NUMBER_OFFSET = 0;
    static final int ARCHITECTURE_OFFSET = 4;
    private static final int POINTER_OFFSET = 8;
    private static final int ARGUMENTS_OFFSET = 16;

    public SeccompData {
        arguments = List.copyOf(arguments);
        if (arguments.size() != 6) {
            throw new IllegalArgumentException("arguments must be 6, were " + arguments.size());
        }
    }

    /// A call made on `cpu`; arguments that are not given are 0.
    public static SeccompData of(CpuArchitecture cpu, int number, long... arguments) {
        if (arguments.length > 6) {
            throw new IllegalArgumentException("arguments must be <= 6, were " + arguments.length);
        }
        Long[] six = new Long[6];
        for (int i = 0; i < six.length; i++) {
            six[i] = i < arguments.length ? arguments[i] : 0L;
        }
        int architecture = SyscallTable.of(cpu).auditArchitecture();
        return new SeccompData(number, architecture, 0, List.of(six));
    }

    /// Where the lower half of an argument stands; both CPUs are little endian.
    static int lowWordOffset(int argument) {
        return ARGUMENTS_OFFSET + 8 * argument;
    }

    /// Where the upper half of an argument stands.
    static int highWordOffset(int argument) {
        return lowWordOffset(argument) + 4;
    }

    /// The 32 bits at an offset of the structure; it must be a multiple of 4 and below 64.
    int word(int offset) {
        return switch (offset) {
            case NUMBER_OFFSET -> number;
            case ARCHITECTURE_OFFSET -> architecture;
            case POINTER_OFFSET -> (int) instructionPointer;
            case POINTER_OFFSET + 4 -> (int) (instructionPointer >>> 32);
            default -> {
                long argument = arguments.get((offset - ARGUMENTS_OFFSET) / 8);
                yield (int) (offset % 8 == 0 ? argument : argument >>> 32);
            }
        };
    }
}
