package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

class RuleTest {

    static Stream<SyscallAction> actions() {
        return Stream.of(
                SyscallAction.ALLOW,
                SyscallAction.KILL,
                SyscallAction.fail(Errno.EPERM),
                new SyscallAction.Fail(1),
                new SyscallAction.Fail(4095));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void anActionIsFoundAgainByItsValue(SyscallAction action) {
        assertThat(FilterAnswer.action(FilterAnswer.of(action, false))).isEqualTo(action);
    }

    @Test
    void theValuesAreThoseOfTheKernel() {
        assertThat(FilterAnswer.of(SyscallAction.ALLOW, false)).isEqualTo(0x7fff0000);
        assertThat(FilterAnswer.of(SyscallAction.KILL, false)).isEqualTo(0x80000000);
        assertThat(FilterAnswer.of(SyscallAction.fail(Errno.ENOSYS), false)).isEqualTo(0x00050026);
    }

    @Test
    void aValueThatIsNoActionIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilterAnswer.action(0x7ff00000))
                .withMessage("value must be that of an action, was 0x7ff00000");
    }

    @Test
    void anErrorNumberThatWouldLookLikeSuccessIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SyscallAction.Fail(0))
                .withMessage("errno must be 1 to 4095, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SyscallAction.Fail(4096))
                .withMessage("errno must be 1 to 4095, was 4096");
    }

    @Test
    void aTestThatCanNeverHoldIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArgumentTest.intBitsAre(0, 0xf0, 1))
                .withMessage("value must lie within mask 0xf0, was 0x1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArgumentTest.intHasAny(0, 0))
                .withMessage("mask must have a bit set, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArgumentTest.intIs(6, 0))
                .withMessage("index must be 0 to 5, was 6");
    }

    @Test
    void anIntIsTestedInItsLowerHalfAlone() {
        assertThat(ArgumentTest.intIs(1, -1).mask()).isEqualTo(0xffffffffL);
        assertThat(ArgumentTest.intBitsAre(1, 0x80000000, 0x80000000).mask())
                .isEqualTo(0x80000000L);
        assertThat(ArgumentTest.intHasAny(1, 0x80000000).mask()).isEqualTo(0x80000000L);
        assertThat(ArgumentTest.longHasAny(1, -1).mask()).isEqualTo(-1L);
    }

    @Test
    void aRuleReadsAsALine() {
        SyscallRule rule =
                SyscallRule.of(
                        Syscall.IOCTL,
                        SyscallAction.fail(Errno.EPERM),
                        "types into the terminal",
                        ArgumentTest.intIs(1, 0x5412),
                        ArgumentTest.longHasAny(2, 0xff));
        assertThat(rule)
                .hasToString(
                        "ioctl(arg1 == 0x5412, arg2 & 0xff != 0x0): EPERM, types into the"
                                + " terminal");
        assertThat(SyscallRule.of(Syscall.BPF, SyscallAction.KILL, "never"))
                .hasToString("bpf: kill, never");
    }

    @Test
    void aCallHasSixArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeccompData(0, 0, 0, List.of(1L)))
                .withMessage("arguments must be 6, were 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompData.of(CpuArchitecture.X86_64, 0, 1, 2, 3, 4, 5, 6, 7))
                .withMessage("arguments must be <= 6, were 7");
    }
}
