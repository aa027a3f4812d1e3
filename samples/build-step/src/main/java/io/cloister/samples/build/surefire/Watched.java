package io.cloister.samples.build.surefire;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRequest;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The system calls about which the launcher is asked. It allows each of them: that a call fails is
/// the doing of the sandbox, in which there is no such file and no such network. What the policy
/// for builds refuses is refused without a question.
final class Watched {
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int NONE = -1;

    private static final List<Syscall> OTHERS =
            List.of(Syscall.CONNECT, Syscall.SENDTO, Syscall.EXIT_GROUP);

    /// Where a call that looks at files has what.
    ///
    /// @param directory the descriptor of a directory, or none
    /// @param path the path
    /// @param flags those of the `at` calls, where they may say that there is no path; or none
    private record PathCall(int directory, int path, int flags) {}

    private static final Map<Syscall, PathCall> PATHS =
            Map.ofEntries(
                    Map.entry(Syscall.OPEN, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.OPENAT, new PathCall(0, 1, NONE)),
                    Map.entry(Syscall.STAT, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.LSTAT, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.NEWFSTATAT, new PathCall(0, 1, 3)),
                    Map.entry(Syscall.STATX, new PathCall(0, 1, 2)),
                    Map.entry(Syscall.ACCESS, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.FACCESSAT, new PathCall(0, 1, NONE)),
                    Map.entry(Syscall.FACCESSAT2, new PathCall(0, 1, 3)),
                    Map.entry(Syscall.READLINK, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.READLINKAT, new PathCall(0, 1, NONE)),
                    Map.entry(Syscall.CHDIR, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.EXECVE, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.EXECVEAT, new PathCall(0, 1, 4)));

    /// A path, as the program gave it.
    ///
    /// @param directory the descriptor that it starts from; empty: the working directory
    /// @param text of the path
    record NamedPath(OptionalInt directory, String text) {}

    private Watched() {}

    /// The policy for builds, which asks.
    static SyscallPolicy policy(boolean files) {
        SyscallPolicy policy = SyscallPolicy.build();
        for (Syscall call : OTHERS) {
            policy = policy.asking(call);
        }
        if (files) {
            for (Map.Entry<Syscall, PathCall> entry : PATHS.entrySet()) {
                List<SyscallRule> unasked = unasked(policy, entry.getKey(), entry.getValue());
                policy = policy.asking(entry.getKey()).first(unasked);
            }
        }
        return policy;
    }

    /// The policy's own rules for the calls without a path: fstat(3) is one, and frequent.
    private static List<SyscallRule> unasked(SyscallPolicy policy, Syscall call, PathCall at) {
        List<SyscallRule> rules = new ArrayList<>();
        if (at.flags != NONE) {
            for (SyscallRule rule : policy.of(call)) {
                List<ArgumentTest> tests = new ArrayList<>(rule.tests());
                tests.add(ArgumentTest.intHasAny(at.flags, AT_EMPTY_PATH));
                rules.add(new SyscallRule(call, tests, rule.action(), rule.reason()));
            }
        }
        return rules;
    }

    /// The path that a call looks at; empty for other calls.
    static Optional<NamedPath> path(SyscallRequest request) {
        PathCall at = PATHS.get(request.call());
        if (at == null) {
            return Optional.empty();
        }
        OptionalInt directory =
                at.directory == NONE
                        ? OptionalInt.empty()
                        : OptionalInt.of(request.intArgument(at.directory));
        return request.text(at.path).map(text -> new NamedPath(directory, text));
    }
}
