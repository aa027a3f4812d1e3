package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

class BpfProgramTest {

    private static final BpfInstruction ALLOW = ret(FilterAnswer.ALLOW);

    @Test
    void theBytesAreStructSockFilter() {
        BpfProgram program =
                new BpfProgram(
                        List.of(
                                BpfInstruction.of(Opcode.LOAD, 4),
                                new BpfInstruction(Opcode.EQUAL, 1, 0, 0xc000003e),
                                ret(FilterAnswer.KILL_PROCESS),
                                ret(FilterAnswer.ERRNO | Errno.ENOSYS.number())));
        assertThat(program.encode())
                .inHexadecimal()
                .containsExactly(
                        0x20, 0, 0, 0, 4, 0, 0, 0, //
                        0x15, 0, 1, 0, 0x3e, 0, 0, 0xc0, //
                        0x06, 0, 0, 0, 0, 0, 0, 0x80, //
                        0x06, 0, 0, 0, 38, 0, 5, 0);
        assertThat(BpfProgram.decode(program.encode())).isEqualTo(program);
    }

    @Test
    void aListingShowsOneInstructionALine() {
        BpfProgram program =
                new BpfProgram(
                        List.of(
                                BpfInstruction.of(Opcode.LOAD, 0),
                                new BpfInstruction(Opcode.AT_LEAST, 1, 0, 100),
                                BpfInstruction.of(Opcode.JUMP, 0),
                                ALLOW));
        assertThat(program)
                .hasToString("0: ld [0]\n1: jge #0x64, +1, +0\n2: ja +0\n3: ret 0x7fff0000\n");
    }

    @Test
    void aProgramOf4096InstructionsIsTheLongest() {
        assertThat(new BpfProgram(Collections.nCopies(4096, ALLOW)).encode()).hasSize(4096 * 8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfProgram(Collections.nCopies(4097, ALLOW)))
                .withMessage("instructions must be 1 to 4096, were 4097");
    }

    @Test
    void anEmptyProgramIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfProgram(List.of()))
                .withMessage("instructions must be 1 to 4096, were 0");
    }

    @Test
    void aProgramThatCanRunPastItsEndIsRefused() {
        BpfInstruction load = BpfInstruction.of(Opcode.LOAD, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfProgram(List.of(ALLOW, load)))
                .withMessage("last instruction must be a return, was ld [0]");
        BpfInstruction far = new BpfInstruction(Opcode.EQUAL, 0, 1, 7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfProgram(List.of(far, ALLOW)))
                .withMessage("jump of instruction 0 must stay below 2, goes to 2");
        BpfInstruction back = BpfInstruction.of(Opcode.JUMP, -1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfProgram(List.of(back, ALLOW)))
                .withMessage("jump of instruction 0 must stay below 2, goes to 4294967296");
    }

    @Test
    void anInstructionThatTheKernelRefusesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BpfInstruction.of(Opcode.LOAD, 64))
                .withMessage("offset of a load must be a multiple of 4 below 64, was 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BpfInstruction.of(Opcode.LOAD, 2))
                .withMessage("offset of a load must be a multiple of 4 below 64, was 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BpfInstruction(Opcode.EQUAL, 256, 0, 0))
                .withMessage("then must be 0 to 255, was 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BpfProgram.decode(new byte[] {0x16, 0, 0, 0, 0, 0, 0, 0}))
                .withMessage("code must be one that a filter uses, was 0x16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BpfProgram.decode(new byte[7]))
                .withMessage("bytes must be a multiple of 8, were 7");
    }

    @Test
    void theEvaluatorReadsEveryWordOfTheCall() {
        SeccompData call =
                new SeccompData(
                        0x11,
                        0x22,
                        0x44_0000_0033L,
                        List.of(
                                0x66_0000_0055L,
                                0x88_0000_0077L,
                                0xaa_0000_0099L,
                                0xcc_0000_00bbL,
                                0xee_0000_00ddL,
                                0x110_0000_00ffL));
        for (int word = 0; word < 16; word++) {
            int expected = 0x11 * (word + 1);
            BpfProgram program =
                    new BpfProgram(
                            List.of(
                                    BpfInstruction.of(Opcode.LOAD, 4 * word),
                                    new BpfInstruction(Opcode.EQUAL, 0, 1, expected),
                                    ALLOW,
                                    ret(FilterAnswer.KILL_PROCESS)));
            assertThat(BpfEvaluator.run(program, call).value())
                    .as("word %d", word)
                    .isEqualTo(FilterAnswer.ALLOW);
        }
    }

    @Test
    void comparisonsAreUnsigned() {
        BpfProgram program =
                new BpfProgram(
                        List.of(
                                BpfInstruction.of(Opcode.LOAD, 0),
                                new BpfInstruction(Opcode.AT_LEAST, 0, 1, 0x7fffffff),
                                ALLOW,
                                ret(FilterAnswer.KILL_PROCESS)));
        CpuArchitecture cpu = CpuArchitecture.X86_64;
        assertThat(BpfEvaluator.run(program, SeccompData.of(cpu, -1)).value())
                .isEqualTo(FilterAnswer.ALLOW);
        assertThat(BpfEvaluator.run(program, SeccompData.of(cpu, 1)).value())
                .isEqualTo(FilterAnswer.KILL_PROCESS);
    }

    @Test
    void theEvaluatorCountsWhatItExecutes() {
        List<BpfInstruction> instructions = new ArrayList<>();
        instructions.add(BpfInstruction.of(Opcode.JUMP, 1));
        instructions.add(ret(FilterAnswer.KILL_PROCESS));
        instructions.add(ALLOW);
        SeccompData call = SeccompData.of(CpuArchitecture.X86_64, 0);
        assertThat(BpfEvaluator.run(new BpfProgram(instructions), call))
                .isEqualTo(new BpfEvaluator.Verdict(0x7fff0000, 2));
    }

    private static BpfInstruction ret(int value) {
        return BpfInstruction.of(Opcode.RETURN, value);
    }
}
