package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.seccomp.SyscallTable;
import io.cloister.sandbox.syscall.Syscall;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;

class CallTest {

    @ParameterizedTest
    @EnumSource
    void theNumberIsThatOfTheTableOnBothCpus(Call call) {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            assertThat(SyscallTable.of(cpu).number(Syscall.named(call.label()).orElseThrow()))
                    .as("%s on %s", call, cpu)
                    .hasValue(call.number(cpu));
        }
    }

    @ParameterizedTest
    @EnumSource
    void noTwoCallsHaveTheSameNumber(CpuArchitecture cpu) {
        assertThat(Arrays.stream(Call.values()).map(call -> call.number(cpu)))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void aCallHasAtMostSixArguments(Call call) {
        assertThat(call.kinds()).hasSizeLessThanOrEqualTo(Interpreter.ARGUMENT_COUNT);
    }

    @Test
    void theLabelIsTheKernelsName() {
        assertThat(Call.PIVOT_ROOT.label()).isEqualTo("pivot_root");
        assertThat(Call.CLONE3.label()).isEqualTo("clone3");
    }
}
