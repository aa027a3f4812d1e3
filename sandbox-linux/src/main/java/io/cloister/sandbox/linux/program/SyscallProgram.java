package io.cloister.sandbox.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/// A finished program: a header (what stands before the operations), the operations, their data.
/// Immutable; the arrays are not to be changed.
///
/// @param cpu for which CPU
/// @param base the address where the header stands when it runs
/// @param header what stands before the first operation
/// @param operations the operations, with final addresses
/// @param steps what each operation belongs to
/// @param data what stands behind the last operation
public record SyscallProgram(
        CpuArchitecture cpu,
        int base,
        byte[] header,
        List<Operation> operations,
        List<Step> steps,
        byte[] data) {

    /// The address of the first operation.
    public int start() {
        return base + header.length;
    }

    /// The address of the data.
    public int dataAddress() {
        return start() + operations.size() * Interpreter.OPERATION_SIZE;
    }

    /// The size in bytes.
    public int size() {
        return dataAddress() - base + data.length;
    }

    /// The bytes of the whole program.
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(size()).order(ByteOrder.LITTLE_ENDIAN).put(header);
        for (Operation operation : operations) {
            operation.encode(out);
        }
        return out.put(data).array();
    }

    /// The step that the operation at `address` belongs to; empty if none stands there.
    public Optional<Step> stepAt(long address) {
        long index = (address - start()) / Interpreter.OPERATION_SIZE;
        return address >= start() && index < steps.size()
                ? Optional.of(steps.get((int) index))
                : Optional.empty();
    }
}
