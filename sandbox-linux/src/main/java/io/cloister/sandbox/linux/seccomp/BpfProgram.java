package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A program that the kernel accepts as a filter; each that it would refuse with `EINVAL` is
/// refused here. Immutable.
///
/// @param instructions 1 to 4096 of them; every way through them ends at a RETURN
public record BpfProgram(List<BpfInstruction> instructions) {

    /// `BPF_MAXINSNS`: the most instructions of one filter.
    public static final int MAX_INSTRUCTIONS = 4096;

    /// @throws IllegalArgumentException if there are none or too many, if one jumps out of the
    ///   program, or if the last is no RETURN
    public BpfProgram {
        instructions = List.copyOf(instructions);
        int size = instructions.size();
        if (size == 0 || size > MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException(
                    "instructions must be 1 to " + MAX_INSTRUCTIONS + ", were " + size);
        }
        for (int i = 0; i < size; i++) {
            checkTarget(i, farthestSkip(instructions.get(i)), size);
        }
        if (instructions.getLast().opcode() != Opcode.RETURN) {
            throw new IllegalArgumentException(
                    "last instruction must be a return, was " + instructions.getLast());
        }
    }

    /// The program as an array of `struct sock_filter`: u16 code, u8 jt, u8 jf, u32 k; little
    /// endian, 8 bytes each.
    public byte[] encode() {
        ByteBuffer bytes =
                ByteBuffer.allocate(instructions.size() * BpfInstruction.SIZE)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (BpfInstruction instruction : instructions) {
            bytes.putShort((short) instruction.opcode().code())
                    .put((byte) instruction.then())
                    .put((byte) instruction.otherwise())
                    .putInt(instruction.operand());
        }
        return bytes.array();
    }

    /// The program that `encode` made `bytes` of.
    ///
    /// @throws IllegalArgumentException if the bytes are no such program
    public static BpfProgram decode(byte[] bytes) {
        if (bytes.length % BpfInstruction.SIZE != 0) {
            throw new IllegalArgumentException(
                    "bytes must be a multiple of 8, were " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<BpfInstruction> instructions = new ArrayList<>();
        while (in.hasRemaining()) {
            Opcode opcode = Opcode.of(Short.toUnsignedInt(in.getShort()));
            int then = Byte.toUnsignedInt(in.get());
            int otherwise = Byte.toUnsignedInt(in.get());
            instructions.add(new BpfInstruction(opcode, then, otherwise, in.getInt()));
        }
        return new BpfProgram(instructions);
    }

    /// One instruction a line, each with its index.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < instructions.size(); i++) {
            text.append(i).append(": ").append(instructions.get(i)).append('\n');
        }
        return text.toString();
    }

    private static long farthestSkip(BpfInstruction instruction) {
        if (instruction.opcode() == Opcode.JUMP) {
            return Integer.toUnsignedLong(instruction.operand());
        }
        return Math.max(instruction.then(), instruction.otherwise());
    }

    private static void checkTarget(int index, long skip, int size) {
        long target = index + 1 + skip;
        if (skip > 0 && target >= size) {
            throw new IllegalArgumentException(
                    "jump of instruction "
                            + index
                            + " must stay below "
                            + size
                            + ", goes to "
                            + target);
        }
    }
}
