package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

class SyscallProfileTest {

    private static String[] words(String text) {
        return text.strip().split("\\s+");
    }

    private static Set<String> labels(Predicate<Syscall> wanted) {
        return Arrays.stream(Syscall.values())
                .filter(wanted)
                .map(Syscall::label)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Whether every call of the kind gets this action, whatever its arguments.
    private static boolean always(SyscallPolicy policy, Syscall call, SyscallAction action) {
        return policy.deciding(call).isPresent()
                ? policy.rules().stream()
                        .filter(rule -> rule.call() == call)
                        .allMatch(rule -> rule.action().equals(action))
                : policy.otherwise().equals(action);
    }

    @Test
    void standardClosesTheseThatDockerOpens() {
        SyscallPolicy standard = SyscallPolicy.standard();
        // socket and socketpair have rules of their own for every family.
        EnumSet<Syscall> sockets = EnumSet.of(Syscall.SOCKET, Syscall.SOCKETPAIR);
        assertThat(
                        labels(call ->
                                !DockerDefault.closed().contains(call)
                                        && !sockets.contains(call)
                                        && standard.decide(call) != SyscallAction.ALLOW))
                .containsExactly(
                        words(
                                """
                                adjtimex cachestat clock_adjtime epoll_ctl_old epoll_wait_old
                                fanotify_mark listmount memfd_secret modify_ldt
                                name_to_handle_at openat2 statmount
                                """));
    }

    /// Three are younger than Docker's list, one is made by the kernel's own code, and `unshare` is
    /// open for what a process owns anyway.
    @Test
    void standardOpensTheseThatDockerCloses() {
        SyscallPolicy standard = SyscallPolicy.standard();
        assertThat(
                        labels(call ->
                                DockerDefault.closed().contains(call)
                                        && standard.decide(call) == SyscallAction.ALLOW))
                .containsExactly(
                        "file_getattr", "file_setattr", "rseq_slice_yield", "unshare", "uprobe");
    }

    @ParameterizedTest
    @EnumSource(names = {"JUDGE", "PLUGIN", "BUILD"})
    void anAllowListSaysOfEveryCallWhy(SyscallProfile profile) {
        SyscallPolicy policy = profile.policy();
        for (Syscall call : Syscall.values()) {
            List<SyscallRule> rules =
                    policy.rules().stream().filter(rule -> rule.call() == call).toList();
            assertThat(rules).as(call.label()).isNotEmpty();
            assertThat(rules.getLast().tests()).as(call.label()).isEmpty();
            assertThat(rules).allSatisfy(rule -> assertThat(rule.reason()).isNotBlank());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JUDGE", "PLUGIN", "BUILD"})
    void anAllowListIsClosedForWhatNobodyHasLookedAt(SyscallProfile profile) {
        assertThat(profile.policy().otherwise()).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
        assertThat(profile.policy().unknown()).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "UNFILTERED")
    void noRuleIsDead(SyscallProfile profile) {
        Set<Syscall> decided = new HashSet<>();
        for (SyscallRule rule : profile.policy().rules()) {
            assertThat(decided).as(rule.toString()).doesNotContain(rule.call());
            if (rule.tests().isEmpty()) {
                decided.add(rule.call());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JUDGE", "PLUGIN", "BUILD"})
    void anAllowListOpensNothingThatStandardCloses(SyscallProfile profile) {
        SyscallPolicy standard = SyscallPolicy.standard();
        SyscallPolicy policy = profile.policy();
        for (Syscall call : Syscall.values()) {
            if (standard.decide(call) != SyscallAction.ALLOW) {
                assertThat(policy.decide(call)).as(call.label()).isNotEqualTo(SyscallAction.ALLOW);
            }
        }
    }

    @Test
    void judgeKillsForTheseAlone() {
        SyscallPolicy judge = SyscallPolicy.judge();
        assertThat(labels(call -> always(judge, call, SyscallAction.KILL)))
                .containsExactly(
                        words(
                                """
                                acct add_key bpf chroot clock_settime delete_module finit_module
                                fsconfig fsmount fsopen fspick init_module ioperm iopl
                                kexec_file_load kexec_load keyctl mount mount_setattr move_mount
                                open_by_handle_at open_tree open_tree_attr pivot_root ptrace
                                reboot request_key setdomainname sethostname setns settimeofday
                                swapoff swapon umount2 userfaultfd
                                """));
        assertThat(judge.decide(Syscall.CLONE, 0x10000000)).isEqualTo(SyscallAction.KILL);
        assertThat(judge.decide(Syscall.UNSHARE, 0x10000000)).isEqualTo(SyscallAction.KILL);
        assertThat(judge.decide(Syscall.CLONE, 0x11)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @EnumSource(names = {"STANDARD", "PLUGIN", "BUILD", "UNFILTERED"})
    void noOtherProfileKills(SyscallProfile profile) {
        assertThat(profile.policy().has(SyscallAction.KILL)).isFalse();
    }

    @Test
    void aSubmissionHasSocketsOfTheSandboxAlone() {
        SyscallPolicy judge = SyscallPolicy.judge();
        assertThat(judge.decide(Syscall.SOCKET, 1, 1, 0)).isEqualTo(SyscallAction.ALLOW);
        for (int family : new int[] {2, 10, 16, 17, 40}) {
            assertThat(judge.decide(Syscall.SOCKET, family, 1, 0))
                    .isEqualTo(SyscallAction.fail(Errno.EAFNOSUPPORT));
        }
        assertThat(SyscallPolicy.plugin().decide(Syscall.SOCKET, 2, 1, 0))
                .isEqualTo(SyscallAction.ALLOW);
        assertThat(SyscallPolicy.build().decide(Syscall.SOCKET, 10, 1, 0))
                .isEqualTo(SyscallAction.ALLOW);
    }

    @Test
    void aSubmissionCannotHideAViolationBehindAFilterOfItsOwn() {
        SyscallPolicy judge = SyscallPolicy.judge();
        assertThat(judge.decide(Syscall.PRCTL, 22)).isEqualTo(SyscallAction.fail(Errno.EINVAL));
        assertThat(judge.decide(Syscall.SECCOMP, 1)).isEqualTo(SyscallAction.fail(Errno.ENOSYS));
        assertThat(judge.decide(Syscall.PRCTL, 15)).isEqualTo(SyscallAction.ALLOW);
        assertThat(SyscallPolicy.plugin().decide(Syscall.PRCTL, 22)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void aProfileIsFoundAndRecognised(SyscallProfile profile) {
        assertThat(SyscallProfile.named(profile.label())).contains(profile);
        assertThat(profile.policy().profile()).contains(profile);
        assertThat(profile.policy()).hasToString(profile.label());
    }

    @Test
    void aProfileWithARuleInFrontIsStillRecognised() {
        SyscallPolicy policy =
                SyscallPolicy.judge()
                        .first(
                                SyscallRule.of(
                                        Syscall.PTRACE,
                                        SyscallAction.fail(Errno.EPERM),
                                        "lets programs with a leak check end"));
        assertThat(policy.profile()).contains(SyscallProfile.JUDGE);
        assertThat(policy).hasToString("judge with 1 rules in front");
        assertThat(policy.decide(Syscall.PTRACE)).isEqualTo(SyscallAction.fail(Errno.EPERM));
        assertThat(SyscallProfile.named("jugde")).isEmpty();
    }
}
