package io.cloister.sandbox.syscall;

import io.cloister.sandbox.Errno;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Composes a policy that opens groups of calls, and closes all else.
///
/// In the policy stand first the answers that the profile gives itself, then [CommonRules], then
/// what is opened. So to open a group does not open what no profile lets pass, and a profile can
/// give that another answer.
///
/// A call that is in neither list gets `ENOSYS`: programs have a way around a kernel that lacks a
/// call more often than around one that forbids it.
final class AllowList {
    private final List<SyscallRule> answered = new ArrayList<>();
    private final List<SyscallRule> opened = new ArrayList<>();

    /// Opens the calls of a group that are closed by nothing else.
    AllowList open(SyscallGroup group, String reason) {
        opened.addAll(group.rules(SyscallAction.ALLOW, reason));
        return this;
    }

    AllowList open(String reason, Syscall... calls) {
        for (Syscall call : calls) {
            opened.add(SyscallRule.of(call, SyscallAction.ALLOW, reason));
        }
        return this;
    }

    /// Decides what of a group is not decided before.
    AllowList answer(SyscallAction action, SyscallGroup group, String reason) {
        answered.addAll(group.rules(action, reason));
        return this;
    }

    AllowList answer(SyscallAction action, String reason, Syscall... calls) {
        for (Syscall call : calls) {
            answered.add(SyscallRule.of(call, action, reason));
        }
        return this;
    }

    /// Decides a call where its arguments are like this.
    AllowList answerWhere(
            SyscallAction action, String reason, Syscall call, ArgumentTest... tests) {
        answered.add(SyscallRule.of(call, action, reason, tests));
        return this;
    }

    SyscallPolicy policy() {
        List<SyscallRule> all = new ArrayList<>(answered);
        all.addAll(CommonRules.rules());
        all.addAll(opened);
        return SyscallPolicy.of(SyscallAction.fail(Errno.ENOSYS)).first(withoutDead(all));
    }

    /// A rule says nothing behind one of the same call that always applies, or has the same tests.
    private static List<SyscallRule> withoutDead(List<SyscallRule> rules) {
        Set<Syscall> decided = EnumSet.noneOf(Syscall.class);
        Set<Condition> seen = new HashSet<>();
        List<SyscallRule> living = new ArrayList<>();
        for (SyscallRule rule : rules) {
            if (!decided.contains(rule.call())
                    && seen.add(new Condition(rule.call(), rule.tests()))) {
                living.add(rule);
            }
            if (rule.tests().isEmpty()) {
                decided.add(rule.call());
            }
        }
        return living;
    }

    private record Condition(Syscall call, List<ArgumentTest> tests) {}
}
