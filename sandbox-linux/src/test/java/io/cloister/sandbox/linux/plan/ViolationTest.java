package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class ViolationTest {

    private static final SyscallPolicy POLICY =
            SyscallPolicy.of(SyscallAction.KILL)
                    .first(
                            SyscallRule.of(
                                    Syscall.SOCKET,
                                    SyscallAction.KILL,
                                    "no IP",
                                    ArgumentTest.intIsNot(0, 1),
                                    ArgumentTest.longIsBelow(2, 9)));

    private static Violation of(Optional<Syscall> call, int number, long... arguments) {
        return Violation.of(POLICY, call, number, java.util.Arrays.copyOf(arguments, 6));
    }

    @Test
    void theArgumentsOfTheRuleAreNamedAsTheKernelTakesThem() {
        Violation violation = of(Optional.of(Syscall.SOCKET), 41, 0xdead_0000_0002L, 7, 3);
        assertThat(violation.call()).isEqualTo("socket(arg0 = 0x2, arg2 = 0x3)");
        assertThat(violation.observed())
                .isEqualTo(
                        "socket(0xdead00000002, 0x7, 0x3, 0x0, 0x0, 0x0), closed by"
                                + " \"socket(arg0 != 0x1, arg2 & 0xffffffffffffffff < 0x9): kill,"
                                + " no IP\"");
    }

    @Test
    void aCallThatNoRuleOpensIsNamedAlone() {
        Violation violation = of(Optional.of(Syscall.READ), 0, 1);
        assertThat(violation.call()).isEqualTo("read");
        assertThat(violation.observed()).endsWith("closed by the policy's default");
    }

    @Test
    void aNumberThatIsNoCallIsTold() {
        assertThat(of(Optional.empty(), 4000).call()).isEqualTo("system call 4000");
    }
}
