package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.IntStream;

class BpfAssemblerTest {

    private static final CpuArchitecture CPU = CpuArchitecture.X86_64;
    private static final int DENIED = FilterAnswer.ERRNO | Errno.EPERM.number();

    static IntStream distances() {
        return IntStream.rangeClosed(250, 260);
    }

    /// Two targets that are no RETURN, side by side, and `distance` instructions before them.
    @ParameterizedTest
    @MethodSource("distances")
    void bothTargetsOfAComparisonAreReachedAtAnyDistance(int distance) {
        BpfAssembler code = new BpfAssembler();
        int allowed = code.load(8, code.end(FilterAnswer.ALLOW));
        int denied = code.load(12, code.end(DENIED));
        int padding = denied;
        for (int i = 0; i < distance; i++) {
            padding = code.and(i, padding);
        }
        for (boolean swapped : new boolean[] {false, true}) {
            int then = swapped ? denied : allowed;
            int otherwise = swapped ? allowed : denied;
            int start = code.compare(Opcode.EQUAL, 7, then, otherwise);
            BpfProgram program = code.program(code.load(SeccompData.NUMBER_OFFSET, start));
            assertThat(run(program, 7)).isEqualTo(swapped ? DENIED : FilterAnswer.ALLOW);
            assertThat(run(program, 8)).isEqualTo(swapped ? FilterAnswer.ALLOW : DENIED);
        }
    }

    @ParameterizedTest
    @MethodSource("distances")
    void aFarReturnIsCopied(int distance) {
        BpfAssembler code = new BpfAssembler();
        int allowed = code.end(FilterAnswer.ALLOW);
        int padding = code.end(DENIED);
        for (int i = 0; i < distance; i++) {
            padding = code.and(i, padding);
        }
        int start = code.compare(Opcode.AT_LEAST, 7, allowed, padding);
        BpfProgram program = code.program(code.load(SeccompData.NUMBER_OFFSET, start));
        assertThat(program.instructions())
                .extracting(BpfInstruction::opcode)
                .doesNotContain(Opcode.JUMP);
        assertThat(run(program, 7)).isEqualTo(FilterAnswer.ALLOW);
        assertThat(run(program, 6)).isEqualTo(DENIED);
    }

    @Test
    void equalInstructionsWithEqualTargetsArePlacedOnce() {
        BpfAssembler code = new BpfAssembler();
        int allowed = code.end(FilterAnswer.ALLOW);
        int denied = code.end(DENIED);
        int test = code.load(16, code.compare(Opcode.EQUAL, 1, allowed, denied));
        assertThat(code.load(16, code.compare(Opcode.EQUAL, 1, allowed, denied))).isEqualTo(test);
        assertThat(code.end(DENIED)).isEqualTo(denied);
        assertThat(code.program(test).instructions()).hasSize(4);
    }

    @Test
    void aComparisonThatDoesNotMatterIsLeftOut() {
        BpfAssembler code = new BpfAssembler();
        int allowed = code.end(FilterAnswer.ALLOW);
        assertThat(code.compare(Opcode.EQUAL, 1, allowed, allowed)).isEqualTo(allowed);
    }

    private static int run(BpfProgram program, int number) {
        return BpfEvaluator.run(program, SeccompData.of(CPU, number)).value();
    }
}
