package io.cloister.sandbox.linux.program;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A finished program: a header (what stands before the operations), the operations, their data; as
/// bytes, the way the interpreter gets them. Immutable.
public final class SyscallProgram {

    private final CpuArchitecture cpu;
    private final int base;
    private final int headerSize;
    private final List<Step> steps;
    private final byte[] bytes;
    private final int failure;

    /// @param cpu for which CPU
    /// @param base the address where the header stands when it runs
    /// @param headerSize the size of what stands before the first operation
    /// @param steps what each operation belongs to
    /// @param bytes header, operations, data; the caller leaves it alone from now on
    /// @param failure the address where refused calls go
    SyscallProgram(
            CpuArchitecture cpu,
            int base,
            int headerSize,
            List<Step> steps,
            byte[] bytes,
            int failure) {
        this.cpu = cpu;
        this.base = base;
        this.headerSize = headerSize;
        this.steps = steps;
        this.bytes = bytes;
        this.failure = failure;
    }

    /// What still tells the step of an address, and nothing else.
    SyscallProgram withoutBytes() {
        return new SyscallProgram(cpu, base, headerSize, steps, new byte[0], failure);
    }

    /// The address where refused calls go.
    int failure() {
        return failure;
    }

    /// For which CPU it is.
    public CpuArchitecture cpu() {
        return cpu;
    }

    /// The address of the header.
    public int base() {
        return base;
    }

    /// The address of the first operation.
    public int start() {
        return base + headerSize;
    }

    /// The address of the data.
    public int dataAddress() {
        return start() + steps.size() * Interpreter.OPERATION_SIZE;
    }

    /// The size in bytes.
    public int size() {
        return bytes.length;
    }

    /// The bytes of the whole program; not to be changed.
    public byte[] encode() {
        return bytes;
    }

    /// What stands before the first operation.
    public byte[] header() {
        return Arrays.copyOf(bytes, headerSize);
    }

    /// The operations, read back from the bytes.
    public List<Operation> operations() {
        return Operation.decode(Arrays.copyOfRange(bytes, headerSize, dataAddress() - base));
    }

    /// What stands behind the last operation.
    public byte[] data() {
        return Arrays.copyOfRange(bytes, dataAddress() - base, bytes.length);
    }

    /// The step of each operation.
    public List<Step> steps() {
        return steps;
    }

    /// The step that the operation at `address` belongs to; empty if none stands there.
    public Optional<Step> stepAt(long address) {
        long index = (address - start()) / Interpreter.OPERATION_SIZE;
        return address >= start() && index < steps.size()
                ? Optional.of(steps.get((int) index))
                : Optional.empty();
    }
}
