package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// Which keyring a command has depends on whether it could use one.
class KeyringTest {

    private static final SyscallRule SOME =
            SyscallRule.of(
                    Syscall.KEYCTL,
                    SyscallAction.fail(Errno.EPERM),
                    "some",
                    ArgumentTest.longIs(0, 0));

    private static Keyring keyring(SyscallPolicy calls) {
        SandboxSpec spec = Sandbox.builder().syscalls(calls).spec();
        return Keyring.of(spec, TestHost.ORDINARY);
    }

    @Test
    void profilesCloseTheCallsAndShareTheLaunchers() {
        for (SyscallPolicy profile :
                List.of(
                        SyscallPolicy.standard(),
                        SyscallPolicy.judge(),
                        SyscallPolicy.plugin(),
                        SyscallPolicy.build())) {
            assertThat(keyring(profile)).isEqualTo(Keyring.LAUNCHERS);
        }
    }

    @Test
    void withoutAFilterItIsItsOwn() {
        assertThat(keyring(SyscallPolicy.unfiltered())).isEqualTo(Keyring.OWN);
    }

    @ParameterizedTest
    @EnumSource(
            value = Syscall.class,
            names = {"ADD_KEY", "REQUEST_KEY", "KEYCTL"})
    void eachOpenCallTakesAnOwnOne(Syscall call) {
        SyscallPolicy standard = SyscallPolicy.standard();
        assertThat(keyring(standard.allow(call))).isEqualTo(Keyring.OWN);
        assertThat(Keyring.open(standard.allow(call))).contains(call);
        assertThat(keyring(standard.allow(call).kill(call))).isEqualTo(Keyring.LAUNCHERS);
        assertThat(keyring(standard.allow(call).fail(Errno.EPERM, call)))
                .isEqualTo(Keyring.LAUNCHERS);
    }

    @Test
    void oneThatIsClosedForSomeArgumentsIsOpen() {
        SyscallPolicy open = SyscallPolicy.standard().allow(Syscall.KEYCTL);
        assertThat(keyring(open.first(SOME))).isEqualTo(Keyring.OWN);
        assertThat(keyring(SyscallPolicy.standard().first(SOME))).isEqualTo(Keyring.LAUNCHERS);
    }

    @Test
    void whereTheKernelHasNoneThereIsNone() {
        HostFacts host = TestHost.ORDINARY;
        HostFacts without =
                new HostFacts(
                        host.uid(),
                        host.gid(),
                        host.privileged(),
                        host.hostRoot(),
                        false,
                        host.hardLimits(),
                        host.tree(),
                        host.groups(),
                        host.controls(),
                        host.landlock());
        for (SyscallPolicy calls : List.of(SyscallPolicy.standard(), SyscallPolicy.unfiltered())) {
            SandboxSpec spec = Sandbox.builder().syscalls(calls).spec();
            assertThat(Keyring.of(spec, without)).isEqualTo(Keyring.NONE);
            assertThat(Keyring.of(spec, host)).isNotEqualTo(Keyring.NONE);
        }
    }
}
