package io.cloister.sandbox.linux.landlock;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class ConfinedFilterTest {

    private static final SyscallPolicy CLOSED =
            ConfinedFilter.close(SyscallPolicy.standard(), true);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 16, 17, 38, 40, 43, 44})
    void noSocketCanBeMade(int family) {
        assertThat(CLOSED.decide(Syscall.SOCKET, family, 1, 0))
                .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
        assertThat(
                        ConfinedFilter.close(SyscallPolicy.unfiltered(), true)
                                .decide(Syscall.SOCKET, family, 1, 0))
                .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, ALLOW",
        "1, 5, ALLOW",
        "1, 0x80801, ALLOW",
        "1, 2, EPROTONOSUPPORT",
        "1, 3, EPROTONOSUPPORT",
        "1, 0x80002, EPROTONOSUPPORT",
        "30, 5, EAFNOSUPPORT",
        "1, 0x100000002, EPROTONOSUPPORT"
    })
    void pairsTalkToEachOtherOnly(int family, String type, String answer) {
        SyscallAction expected =
                answer.equals("ALLOW")
                        ? SyscallAction.ALLOW
                        : SyscallAction.fail(Errno.valueOf(answer));
        assertThat(CLOSED.decide(Syscall.SOCKETPAIR, family, Long.decode(type), 0))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHMGET", "SHMAT", "SEMGET", "SEMOP", "MSGGET", "MSGSND", "MQ_OPEN"})
    void ipcIsClosed(Syscall call) {
        assertThat(CLOSED.decide(call)).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"SCHED_SETSCHEDULER", "SCHED_SETPARAM", "SCHED_SETATTR", "SCHED_SETAFFINITY"})
    void onlyTheCallersSchedulingCanBeChanged(Syscall call) {
        assertThat(CLOSED.decide(call, 4711)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThat(CLOSED.decide(call, 0)).isEqualTo(SyscallAction.ALLOW);
    }

    @Test
    void limitsAndPrioritiesOfOthersCannotBeChanged() {
        SyscallAction refused = SyscallAction.fail(Errno.EPERM);
        assertThat(CLOSED.decide(Syscall.PRLIMIT64, 4711, 7, 0x1000)).isEqualTo(refused);
        assertThat(CLOSED.decide(Syscall.PRLIMIT64, 0, 7, 0x1000)).isEqualTo(SyscallAction.ALLOW);
        assertThat(CLOSED.decide(Syscall.SETPRIORITY, 0, 4711, 19)).isEqualTo(refused);
        assertThat(CLOSED.decide(Syscall.SETPRIORITY, 2, 0, 19)).isEqualTo(refused);
        assertThat(CLOSED.decide(Syscall.SETPRIORITY, 0, 0, 19)).isEqualTo(SyscallAction.ALLOW);
        assertThat(CLOSED.decide(Syscall.IOPRIO_SET, 1, 4711, 0)).isEqualTo(refused);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "CHMOD",
                "FCHMODAT",
                "FCHMODAT2",
                "CHOWN",
                "LCHOWN",
                "FCHOWNAT",
                "SETXATTR",
                "LSETXATTR",
                "FCHMOD",
                "FCHOWN",
                "FSETXATTR"
            })
    void whatAnOwnerMayDoIsClosedForTheJvmsUserUnlessARuleAllowsIt(Syscall call) {
        assertThat(CLOSED.decide(call)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThat(ConfinedFilter.close(SyscallPolicy.standard(), false).decide(call))
                .isEqualTo(SyscallAction.ALLOW);
        SyscallPolicy allowed =
                SyscallPolicy.standard().first(SyscallRule.of(call, SyscallAction.ALLOW, ""));
        assertThat(ConfinedFilter.close(allowed, true).decide(call)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @EnumSource(names = {"JUDGE", "PLUGIN", "BUILD", "UNFILTERED"})
    void whatAProfileOpensItselfIsNotMeantForTheHostsFiles(SyscallProfile profile) {
        SyscallPolicy closed = ConfinedFilter.close(profile.policy(), true);
        for (Syscall call : List.of(Syscall.CHMOD, Syscall.FCHMOD, Syscall.FCHOWNAT)) {
            assertThat(closed.decide(call)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        }
        SyscallPolicy list = SyscallPolicy.of(SyscallAction.KILL).allow(Syscall.CHMOD);
        assertThat(ConfinedFilter.close(list, true).decide(Syscall.CHMOD))
                .isEqualTo(SyscallAction.fail(Errno.EPERM));
    }

    @Test
    void aRuleWithATestOpensNoMore() {
        SyscallPolicy some =
                SyscallPolicy.standard()
                        .first(
                                SyscallRule.of(
                                        Syscall.CHMOD,
                                        SyscallAction.ALLOW,
                                        "",
                                        ArgumentTest.intIs(1, 0600)));
        SyscallPolicy closed = ConfinedFilter.close(some, true);
        assertThat(closed.decide(Syscall.CHMOD, 0, 0600)).isEqualTo(SyscallAction.ALLOW);
        assertThat(closed.decide(Syscall.CHMOD, 0, 0666))
                .isEqualTo(SyscallAction.fail(Errno.EPERM));
    }

    @Test
    void aHandlerOpensNothing() {
        for (SyscallPolicy policy :
                List.of(
                        SyscallPolicy.standard().asking(Syscall.CHMOD),
                        SyscallPolicy.standard().allow(Syscall.CHMOD).asking(Syscall.CHMOD),
                        SyscallPolicy.standard().asking(Syscall.SOCKET))) {
            SyscallPolicy closed = ConfinedFilter.close(policy, true);
            assertThat(closed.decide(Syscall.CHMOD, 0, 0600))
                    .isEqualTo(SyscallAction.fail(Errno.EPERM));
            assertThat(closed.decide(Syscall.SOCKET, 2, 1, 0))
                    .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
        }
    }

    @Test
    void attributesOfFilesAreNotChangedThroughADescriptor() {
        SyscallAction refused = SyscallAction.fail(Errno.EPERM);
        for (int request : new int[] {0x40086602, 0x401c5820, 0x40806685}) {
            assertThat(CLOSED.decide(Syscall.IOCTL, 3, request)).isEqualTo(refused);
            assertThat(CLOSED.decide(Syscall.IOCTL, 3, request | 1L << 32)).isEqualTo(refused);
        }
        assertThat(CLOSED.decide(Syscall.IOCTL, 3, 0x80086601)).isEqualTo(SyscallAction.ALLOW);
        assertThat(CLOSED.decide(Syscall.OPENAT, -100, 0, 0)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @EnumSource(names = {"BIND", "CONNECT"})
    void noSocketIsLedElsewhere(Syscall call) {
        assertThat(CLOSED.decide(call)).isEqualTo(SyscallAction.fail(Errno.EACCES));
    }

    @Test
    void aRuleOfThePolicyOpensNothingElse() {
        SyscallPolicy asks =
                SyscallPolicy.standard()
                        .first(SyscallRule.of(Syscall.SOCKET, SyscallAction.ALLOW, ""));
        assertThat(ConfinedFilter.close(asks, true).decide(Syscall.SOCKET, 2, 1, 0))
                .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
    }
}
