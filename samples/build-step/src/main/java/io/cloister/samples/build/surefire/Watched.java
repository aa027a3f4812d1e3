package io.cloister.samples.build.surefire;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRequest;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The system calls about which the launcher is asked. It allows each of them: that a call fails is
/// the doing of the sandbox, in which there is no such file and no such network.
final class Watched {
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int NONE = -1;

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
                    Map.entry(Syscall.OPENAT2, new PathCall(0, 1, NONE)),
                    Map.entry(Syscall.STAT, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.LSTAT, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.NEWFSTATAT, new PathCall(0, 1, 3)),
                    Map.entry(Syscall.STATX, new PathCall(0, 1, 2)),
                    Map.entry(Syscall.ACCESS, new PathCall(NONE, 0, NONE)),
                    Map.entry(Syscall.FACCESSAT, new PathCall(0, 1, NONE)),
                    Map.entry(Syscall.FACCESSAT2, new PathCall(0, 1, 3)));

    private Watched() {}

    /// The policy for builds, which asks.
    static SyscallPolicy policy(boolean files) {
        List<SyscallRule> rules = new ArrayList<>();
        for (Syscall call : List.of(Syscall.CONNECT, Syscall.SENDTO, Syscall.EXIT_GROUP)) {
            rules.add(SyscallRule.of(call, SyscallAction.NOTIFY, "who dials, and who is left"));
        }
        if (files) {
            PATHS.forEach((call, at) -> rules.add(rule(call, at)));
        }
        return SyscallPolicy.build().first(rules);
    }

    /// fstat(3) is such a call without a path, and frequent.
    private static SyscallRule rule(Syscall call, PathCall at) {
        ArgumentTest[] tests =
                at.flags == NONE
                        ? new ArgumentTest[0]
                        : new ArgumentTest[] {ArgumentTest.intBitsAre(at.flags, AT_EMPTY_PATH, 0)};
        return SyscallRule.of(call, SyscallAction.NOTIFY, "who looks for keys", tests);
    }

    /// The path that a call looks at; empty for other calls, and where it is relative to a
    /// descriptor.
    static Optional<String> path(SyscallRequest request) {
        PathCall at = PATHS.get(request.call());
        if (at == null) {
            return Optional.empty();
        }
        boolean fromHere = at.directory == NONE || request.intArgument(at.directory) == AT_FDCWD;
        return request.text(at.path).filter(path -> fromHere || path.startsWith("/"));
    }
}
