package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Errno;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

class RuleTest {

    static Stream<Action> actions() {
        return Stream.of(
                Action.ALLOW,
                Action.KILL_PROCESS,
                Action.fail(Errno.EPERM),
                new Action.Fail(1),
                new Action.Fail(4095));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void anActionIsFoundAgainByItsValue(Action action) {
        assertThat(Action.of(action.value())).isEqualTo(action);
    }

    @Test
    void theValuesAreThoseOfTheKernel() {
        assertThat(Action.ALLOW.value()).isEqualTo(0x7fff0000);
        assertThat(Action.KILL_PROCESS.value()).isEqualTo(0x80000000);
        assertThat(Action.fail(Errno.ENOSYS).value()).isEqualTo(0x00050026);
    }

    @Test
    void aValueThatIsNoActionIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Action.of(0x7ff00000))
                .withMessage("value must be ALLOW, ERRNO or KILL_PROCESS, was 0x7ff00000");
    }

    @Test
    void anErrorNumberThatWouldLookLikeSuccessIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Action.Fail(0))
                .withMessage("errno must be 1 to 4095, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Action.Fail(4096))
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
    void aRuleNeedsACallAndAReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rule.of("", Action.ALLOW, "reads"))
                .withMessage("call must not be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rule.of("read", Action.ALLOW, " "))
                .withMessage("reason of a rule on read must not be blank");
    }

    @Test
    void aRuleReadsAsALine() {
        Rule rule =
                Rule.of(
                        "ioctl",
                        Action.fail(Errno.EPERM),
                        "types into the terminal",
                        ArgumentTest.intIs(1, 0x5412),
                        ArgumentTest.longHasAny(2, 0xff));
        assertThat(rule)
                .hasToString(
                        "ioctl(arg1 == 0x5412, arg2 & 0xff != 0x0): EPERM, types into the"
                                + " terminal");
        assertThat(Rule.of("bpf", Action.KILL_PROCESS, "never"))
                .hasToString("bpf: KILL_PROCESS, never");
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
