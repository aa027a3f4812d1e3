package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class SyscallHandlersTest {

    private static final SyscallHandler ALLOWS = _ -> SyscallAnswer.allow();
    private static final SyscallHandler FAILS = _ -> SyscallAnswer.fail(Errno.EPERM);

    @Test
    void aPolicyThatAsksNeedsHandlers() {
        SandboxSpec asking = Sandbox.builder().onSyscall(Syscall.MKDIR, ALLOWS).spec();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallHandlers.none().require(asking.syscalls()))
                .withMessage(
                        "the policy asks the JVM about [mkdir], and no handler is there; see"
                                + " onSyscall");
        SyscallPolicy all = SyscallPolicy.of(SyscallAction.NOTIFY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallHandlers.none().with(Syscall.READ, ALLOWS).require(all))
                .withMessageContaining("onOtherSyscalls");
        assertThatCode(() -> SyscallHandlers.none().withOthers(ALLOWS).require(all))
                .doesNotThrowAnyException();
    }

    @Test
    void aHandlerTakesThePlaceOfAnEarlierOne() {
        SyscallHandlers handlers =
                SyscallHandlers.none()
                        .with(Syscall.READ, ALLOWS)
                        .with(Syscall.READ, FAILS)
                        .withOthers(ALLOWS);
        assertThat(handlers.of(Syscall.READ)).containsSame(FAILS);
        assertThat(handlers.of(Syscall.WRITE)).containsSame(ALLOWS);
        Sandbox.Builder builder = Sandbox.builder();
        builder.onSyscall(Syscall.READ, ALLOWS).onSyscall(Syscall.READ, FAILS);
        assertThat(builder.spec().syscalls().rules())
                .filteredOn(rule -> rule.action().equals(SyscallAction.NOTIFY))
                .hasSize(1);
        // Made again from its own result, it is the same.
        assertThat(Sandbox.from(builder.spec()).onSyscall(Syscall.READ, FAILS).spec())
                .isEqualTo(builder.spec());
    }

    @Test
    void whatThePolicyRefusesItStillRefuses() {
        SyscallPolicy policy = SyscallPolicy.standard().asking(Syscall.IOCTL);
        assertThat(policy.decide(Syscall.IOCTL, 0, 0x5401)).isEqualTo(SyscallAction.NOTIFY);
        assertThat(policy.decide(Syscall.IOCTL, 0, 0x5412))
                .isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sandbox.builder().onSyscall(Syscall.MOUNT, ALLOWS).spec())
                .withMessageStartingWith("mount is refused by the policy whatever its arguments");
        SyscallPolicy closed = SyscallPolicy.of(SyscallAction.KILL).allow(Syscall.READ);
        assertThat(closed.asking(Syscall.READ).decide(Syscall.READ))
                .isEqualTo(SyscallAction.NOTIFY);
    }

    @Test
    void settingsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SyscallHandling(Duration.ZERO, Errno.EPERM, 1))
                .withMessage("deadline must be > 0, was 0s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SyscallHandling(Duration.ofSeconds(1), Errno.EPERM, 0))
                .withMessage("concurrent must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallAnswer.value(-1))
                .withMessage("value must be >= 0, was -1; an error is made by fail");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallAnswer.descriptor(-1))
                .withMessage("descriptor must be >= 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallPolicy.standard().unknown(SyscallAction.NOTIFY));
    }
}
