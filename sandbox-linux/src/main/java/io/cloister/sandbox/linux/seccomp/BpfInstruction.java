package io.cloister.sandbox.linux.seccomp;

import java.util.Objects;

/// One instruction of classic BPF, `struct sock_filter` of linux/filter.h. The machine has one
/// 32-bit accumulator and jumps forwards only.
///
/// @param opcode what it does
/// @param then instructions to skip if a comparison holds, 0 to 255
/// @param otherwise instructions to skip if it does not hold, 0 to 255
/// @param operand the offset, mask, value, distance or result, by the opcode
public record BpfInstruction(Opcode opcode, int then, int otherwise, int operand) {

    /// `sizeof(struct sock_filter)`.
    static final int SIZE = 8;

    /// The farthest that a comparison jumps: its distances are 8 bits wide.
    static final int FARTHEST = 255;

    /// The instructions that the kernel understands when it works out, at installation, for which
    /// numbers a filter always answers ALLOW (`seccomp_is_const_allow`, since Linux 5.11). Calls
    /// with such a number skip the filter from then on.
    public enum Opcode {
        /// `BPF_LD | BPF_W | BPF_ABS`: accumulator = 32 bits of seccomp_data at offset `operand`.
        LOAD(0x20, "ld"),
        /// `BPF_ALU | BPF_AND | BPF_K`: accumulator = accumulator & operand.
        AND(0x54, "and"),
        /// `BPF_JMP | BPF_JA`: skips `operand` instructions.
        JUMP(0x05, "ja"),
        /// `BPF_JMP | BPF_JEQ | BPF_K`: accumulator == operand.
        EQUAL(0x15, "jeq"),
        /// `BPF_JMP | BPF_JGE | BPF_K`: accumulator >= operand, unsigned.
        AT_LEAST(0x35, "jge"),
        /// `BPF_JMP | BPF_JGT | BPF_K`: accumulator > operand, unsigned.
        ABOVE(0x25, "jgt"),
        /// `BPF_JMP | BPF_JSET | BPF_K`: (accumulator & operand) != 0.
        ANY_BIT(0x45, "jset"),
        /// `BPF_RET | BPF_K`: ends with the result `operand`.
        RETURN(0x06, "ret");

        private final int code;
        private final String mnemonic;

        Opcode(int code, String mnemonic) {
            this.code = code;
            this.mnemonic = mnemonic;
        }

        int code() {
            return code;
        }

        boolean isComparison() {
            return this == EQUAL || this == AT_LEAST || this == ABOVE || this == ANY_BIT;
        }

        static Opcode of(int code) {
            for (Opcode opcode : values()) {
                if (opcode.code == code) {
                    return opcode;
                }
            }
            throw new IllegalArgumentException(
                    "code must be one that a filter uses, was 0x" + Integer.toHexString(code));
        }
    }

    public BpfInstruction {
        Objects.requireNonNull(opcode, "opcode");
        int farthest = opcode.isComparison() ? FARTHEST : 0;
        checkDistance("then", then, farthest);
        checkDistance("otherwise", otherwise, farthest);
        boolean outside = Integer.compareUnsigned(operand, SeccompData.SIZE) >= 0;
        if (opcode == Opcode.LOAD && (operand % 4 != 0 || outside)) {
            throw new IllegalArgumentException(
                    "offset of a load must be a multiple of 4 below 64, was " + operand);
        }
    }

    static BpfInstruction of(Opcode opcode, int operand) {
        return new BpfInstruction(opcode, 0, 0, operand);
    }

    private static void checkDistance(String name, int distance, int farthest) {
        if (distance < 0 || distance > farthest) {
            throw new IllegalArgumentException(
                    name + " must be 0 to " + farthest + ", was " + distance);
        }
    }

    /// The instruction in the notation of bpf_asm, distances relative to the next instruction.
    @Override
    public String toString() {
        String text = opcode.mnemonic + " ";
        return switch (opcode) {
            case LOAD -> text + "[" + operand + "]";
            case JUMP -> text + "+" + Integer.toUnsignedString(operand);
            case RETURN -> text + hex();
            case AND -> text + "#" + hex();
            case EQUAL, ABOVE, AT_LEAST, ANY_BIT ->
                    text + "#" + hex() + ", +" + then + ", +" + otherwise;
        };
    }

    private String hex() {
        return "0x" + Integer.toHexString(operand);
    }
}
