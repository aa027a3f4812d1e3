package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.syscall.SyscallAction;

/// Runs a filter in Java, so that what it answers can be known and tested without a kernel.
public final class BpfEvaluator {

    private BpfEvaluator() {}

    /// The answer of a filter.
    ///
    /// @param value what it returned
    /// @param steps how many instructions it executed, the RETURN included
    public record Verdict(int value, int steps) {

        /// {@return the action that the value stands for}
        public SyscallAction action() {
            return FilterAnswer.action(value);
        }
    }

    /// {@return what `program` answers to `call`}
    public static Verdict run(BpfProgram program, SeccompData call) {
        int accumulator = 0;
        int next = 0;
        for (int steps = 1; ; steps++) {
            BpfInstruction instruction = program.instructions().get(next);
            int operand = instruction.operand();
            next++;
            switch (instruction.opcode()) {
                case LOAD -> accumulator = call.word(operand);
                case AND -> accumulator &= operand;
                case JUMP -> next += operand;
                case EQUAL -> next += skip(instruction, accumulator == operand);
                case AT_LEAST -> {
                    boolean holds = Integer.compareUnsigned(accumulator, operand) >= 0;
                    next += skip(instruction, holds);
                }
                case ABOVE -> {
                    boolean holds = Integer.compareUnsigned(accumulator, operand) > 0;
                    next += skip(instruction, holds);
                }
                case ANY_BIT -> next += skip(instruction, (accumulator & operand) != 0);
                case RETURN -> {
                    return new Verdict(operand, steps);
                }
            }
        }
    }

    private static int skip(BpfInstruction instruction, boolean holds) {
        return holds ? instruction.then() : instruction.otherwise();
    }
}
