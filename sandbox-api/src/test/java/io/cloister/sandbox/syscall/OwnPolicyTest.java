package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// The examples of docs/profiles.md: what stands between the marks is copied there.
class OwnPolicyTest {

    @Test
    void aProfileCanBeChangedByRulesInFront() {
        // page: changed
        SyscallPolicy policy =
                SyscallPolicy.judge()
                        // A leak check of -fsanitize=address may try, and fail.
                        .first(
                                SyscallRule.of(
                                        Syscall.PTRACE,
                                        SyscallAction.fail(Errno.EPERM),
                                        "leak checks try it"))
                        // Not even sockets of the sandbox's own.
                        .first(
                                SyscallGroup.NETWORK_IO.rules(
                                        SyscallAction.fail(Errno.EACCES), "no sockets"));
        // page: end
        assertThat(policy.decide(Syscall.PTRACE)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThat(policy.decide(Syscall.SOCKET, 1)).isEqualTo(SyscallAction.fail(Errno.EACCES));
        SandboxSpec spec = Sandbox.builder().syscalls(policy).spec();
        assertThat(spec.syscalls()).isEqualTo(policy);
    }

    @Test
    void anArgumentCanDecide() {
        // page: argument
        int prSetName = 15;
        SyscallPolicy policy =
                SyscallPolicy.plugin()
                        .first(
                                List.of(
                                        SyscallRule.of(
                                                Syscall.PRCTL,
                                                SyscallAction.ALLOW,
                                                "names of threads",
                                                ArgumentTest.intIs(0, prSetName)),
                                        SyscallRule.of(
                                                Syscall.PRCTL,
                                                SyscallAction.fail(Errno.EINVAL),
                                                "no other request")));
        // page: end
        assertThat(policy.decide(Syscall.PRCTL, 15)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.PRCTL, 0x1_0000_000fL)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.PRCTL, 1)).isEqualTo(SyscallAction.fail(Errno.EINVAL));
    }

    @Test
    void aListOfWhatIsOpenCanBeMadeOfGroups() {
        // page: list
        List<SyscallRule> open = new ArrayList<>();
        for (SyscallGroup group :
                List.of(
                        SyscallGroup.BASIC_IO,
                        SyscallGroup.FILE_SYSTEM,
                        SyscallGroup.MEMORY,
                        SyscallGroup.PROCESS,
                        SyscallGroup.THREAD,
                        SyscallGroup.SIGNAL,
                        SyscallGroup.SYSTEM_INFO)) {
            open.addAll(group.rules(SyscallAction.ALLOW, "a static program in C"));
        }
        SyscallPolicy policy = SyscallPolicy.of(SyscallAction.fail(Errno.ENOSYS)).first(open);
        // page: end
        assertThat(policy.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.SOCKET)).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
    }
}
