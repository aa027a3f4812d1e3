package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;

class SyscallGroupTest {

    @ParameterizedTest
    @EnumSource
    void everyCallIsInExactlyOneGroup(Syscall call) {
        assertThat(SyscallGroup.values())
                .filteredOn(group -> group.calls().contains(call))
                .containsExactly(SyscallGroup.of(call));
    }

    @ParameterizedTest
    @EnumSource
    void aGroupIsFoundByItsName(SyscallGroup group) {
        assertThat(group.label()).matches("@[a-z]+(-[a-z]+)*");
        assertThat(SyscallGroup.named(group.label())).contains(group);
        assertThat(group.calls()).isNotEmpty();
        assertThat(group.description()).doesNotContain("\n").isNotBlank();
    }

    @Test
    void anotherNameIsNoGroup() {
        assertThat(SyscallGroup.named("file-system")).isEmpty();
        assertThat(SyscallGroup.named("@FILE-SYSTEM")).isEmpty();
        assertThat(SyscallGroup.named("@file-system")).contains(SyscallGroup.FILE_SYSTEM);
    }

    @Test
    void aGroupHoldsWhatItsNameSays() {
        assertThat(SyscallGroup.FILE_SYSTEM.calls())
                .contains(Syscall.OPENAT, Syscall.UNLINKAT, Syscall.STATX)
                .doesNotContain(Syscall.READ, Syscall.MOUNT, Syscall.SOCKET);
        assertThat(SyscallGroup.MODULE.calls())
                .containsExactly(Syscall.DELETE_MODULE, Syscall.FINIT_MODULE, Syscall.INIT_MODULE);
    }

    @Test
    void rulesOfAGroupDecideEachOfItsCalls() {
        SyscallAction refused = SyscallAction.fail(Errno.EACCES);
        SyscallPolicy policy =
                SyscallPolicy.standard()
                        .first(SyscallGroup.NETWORK_IO.rules(refused, "talks to nobody"));
        for (Syscall call : Syscall.values()) {
            boolean inside = SyscallGroup.NETWORK_IO.calls().contains(call);
            assertThat(policy.decide(call).equals(refused)).as(call.label()).isEqualTo(inside);
        }
        assertThat(Arrays.stream(Syscall.values()).filter(SyscallGroup.DEBUG.calls()::contains))
                .isNotEmpty();
    }
}
