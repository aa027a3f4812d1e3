package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Optional;

class ResettableTest {

    private static Optional<String> obstacle(SyscallPolicy policy) {
        return Resettable.obstacle(SandboxSpec.strict().toBuilder().syscalls(policy).spec());
    }

    private static Optional<String> obstacle(ProcFilesystem proc) {
        return Resettable.obstacle(SandboxSpec.strict().toBuilder().proc(proc).spec());
    }

    @Test
    void theStrictPolicyAndItsProfilesHaveNone() {
        assertThat(Resettable.obstacle(SandboxSpec.strict())).isEmpty();
        for (SyscallPolicy policy :
                List.of(SyscallPolicy.judge(), SyscallPolicy.plugin(), SyscallPolicy.build())) {
            assertThat(obstacle(policy)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ADD_KEY", "KEYCTL", "REQUEST_KEY"})
    void eachCallThatMakesKeysIsOne(Syscall call) {
        SyscallPolicy standard = SyscallPolicy.standard();
        assertThat(obstacle(standard.allow(call)).orElseThrow()).contains(call.label());
        SyscallRule some =
                SyscallRule.of(
                        call, SyscallAction.fail(Errno.EPERM), "some", ArgumentTest.longIs(0, 0));
        assertThat(obstacle(standard.allow(call).first(some)).orElseThrow()).contains(call.label());
        assertThat(obstacle(standard.allow(call).kill(call))).isEmpty();
    }

    @Test
    void settingsThatCanBeWrittenAreOne() {
        ProcFilesystem.View full = ProcFilesystem.View.FULL;
        List<String> settings = List.of("/proc/sys");
        assertThat(obstacle(new ProcFilesystem(full, List.of(), List.of())).orElseThrow())
                .contains("/proc/sys");
        assertThat(obstacle(new ProcFilesystem(full, settings, List.of()))).isEmpty();
        assertThat(obstacle(new ProcFilesystem(full, List.of(), settings))).isEmpty();
        assertThat(
                        obstacle(
                                new ProcFilesystem(
                                        ProcFilesystem.View.PROCESSES_ONLY, List.of(), List.of())))
                .isEmpty();
    }
}
