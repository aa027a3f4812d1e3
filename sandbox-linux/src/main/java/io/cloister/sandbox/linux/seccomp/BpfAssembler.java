package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts a BPF program together from its end to its beginning.
///
/// BPF jumps forwards only. Built backwards, every target exists before the jump to it, so its
/// distance is known at once and nothing is patched. Each method places an instruction in front of
/// all that are there and returns its position, which names it as a target from then on. Equal
/// instructions with equal targets are placed once and shared.
///
/// A comparison reaches 255 instructions. A target beyond that gets a stand-in nearby: a copy if
/// the target is a RETURN, a plain jump otherwise. Not thread-safe.
final class BpfAssembler {

    /// An instruction and the positions of its targets. The methods are written out, because a cold
    /// JVM takes longer to link generated ones than to compile a filter.
    private record Key(Opcode opcode, int operand, int then, int otherwise) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key
                    && opcode == key.opcode
                    && operand == key.operand
                    && then == key.then
                    && otherwise == key.otherwise;
        }

        @Override
        public int hashCode() {
            return ((opcode.code() * 31 + operand) * 31 + then) * 31 + otherwise;
        }
    }

    /// The last instruction of the program stands first.
    private final List<BpfInstruction> reversed = new ArrayList<>();

    private final Map<Key, Integer> placed = new HashMap<>();

    /// Ends with `answer`.
    int end(int answer) {
        Key key = new Key(Opcode.RETURN, answer, 0, 0);
        Integer known = placed.get(key);
        if (known != null) {
            return known;
        }
        return place(key, BpfInstruction.of(Opcode.RETURN, answer));
    }

    /// Loads 32 bits of seccomp_data into the accumulator, then goes on at `next`.
    int load(int offset, int next) {
        return straight(Opcode.LOAD, offset, next);
    }

    /// Clears the bits of the accumulator that are not in `mask`, then goes on at `next`.
    int and(int mask, int next) {
        return straight(Opcode.AND, mask, next);
    }

    /// Goes on at `then` if the comparison holds, else at `otherwise`.
    int compare(Opcode comparison, int operand, int then, int otherwise) {
        if (then == otherwise) {
            return then;
        }
        Key key = new Key(comparison, operand, then, otherwise);
        Integer known = placed.get(key);
        if (known != null) {
            return known;
        }
        // A stand-in for `otherwise` may come between this instruction and `then`.
        int thenTarget = within(BpfInstruction.FARTHEST - 1, then);
        int otherwiseTarget = within(BpfInstruction.FARTHEST, otherwise);
        int here = reversed.size();
        return place(
                key,
                new BpfInstruction(
                        comparison, here - thenTarget - 1, here - otherwiseTarget - 1, operand));
    }

    /// The program that begins at `start`.
    ///
    /// @throws IllegalArgumentException if it has more instructions than the kernel takes
    BpfProgram program(int start) {
        within(0, start);
        if (reversed.size() > BpfProgram.MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException(
                    "the policy of system calls takes %d instructions as a filter, of which the kernel takes %d; use fewer rules, or fewer tests of arguments"
                            .formatted(reversed.size(), BpfProgram.MAX_INSTRUCTIONS));
        }
        return new BpfProgram(reversed.reversed());
    }

    private int straight(Opcode opcode, int operand, int next) {
        Key key = new Key(opcode, operand, next, next);
        Integer known = placed.get(key);
        if (known != null) {
            return known;
        }
        within(0, next);
        return place(key, BpfInstruction.of(opcode, operand));
    }

    /// A position that does what `target` does and is skipped to over at most `distance`
    /// instructions from the next place.
    private int within(int distance, int target) {
        int skipped = reversed.size() - target - 1;
        if (skipped <= distance) {
            return target;
        }
        BpfInstruction instruction = reversed.get(target);
        if (instruction.opcode() == Opcode.RETURN) {
            return place(new Key(Opcode.RETURN, instruction.operand(), 0, 0), instruction);
        }
        reversed.add(BpfInstruction.of(Opcode.JUMP, skipped));
        return reversed.size() - 1;
    }

    private int place(Key key, BpfInstruction instruction) {
        reversed.add(instruction);
        placed.put(key, reversed.size() - 1);
        return reversed.size() - 1;
    }
}
