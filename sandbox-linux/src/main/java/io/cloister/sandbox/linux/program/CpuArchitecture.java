package io.cloister.sandbox.linux.program;

/// The CPU architectures a syscall program can be compiled for and run on.
///
/// Both are 64-bit and little endian, and both have the `*at` system calls under the numbers of
/// their own table.
public enum CpuArchitecture {
    /// AMD64, also called x86-64; pages of 4 KiB.
    X86_64(62, 0x1000),

    /// 64-bit Arm; pages of 4, 16 or 64 KiB, as the kernel was built.
    AARCH64(183, 0x10000);

    private final int elfMachine;
    private final int largestPageSize;

    CpuArchitecture(int elfMachine, int largestPageSize) {
        this.elfMachine = elfMachine;
        this.largestPageSize = largestPageSize;
    }

    /// {@return the `e_machine` value of this architecture: `EM_X86_64` or `EM_AARCH64`}
    public int elfMachine() {
        return elfMachine;
    }

    /// {@return the largest page size in bytes that a Linux kernel of this architecture can have}
    /// An image whose segments are aligned to it loads on every such kernel.
    public int largestPageSize() {
        return largestPageSize;
    }
}
