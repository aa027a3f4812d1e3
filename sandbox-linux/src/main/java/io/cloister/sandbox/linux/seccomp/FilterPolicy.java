package io.cloister.sandbox.linux.seccomp;

import java.util.List;
import java.util.Objects;

/// What a filter is to do, for every system call there is.
///
/// - Rules of the same call are tried in their order; the first that applies decides.
/// - A call that no rule decides gets `otherwise`. With [Action#ALLOW] the rules are a list of what
///   is closed; with anything else they are a list of what is open, and an empty list is open for
///   nothing.
/// - A number without a name in the [SyscallTable] fails with `ENOSYS`, whatever `otherwise` is, as
///   on a kernel that does not have the call. So a call of a later kernel is closed until someone
///   has looked at it.
///
/// @param otherwise what happens to a call of the table that no rule decides
/// @param rules in the order in which they are tried
public record FilterPolicy(Action otherwise, List<Rule> rules) {

    /// @throws IllegalArgumentException if a rule names a call that no CPU has
    public FilterPolicy {
        Objects.requireNonNull(otherwise, "otherwise");
        rules = List.copyOf(rules);
        for (Rule rule : rules) {
            if (!SyscallTable.isKnown(rule.call())) {
                throw new IllegalArgumentException(
                        "call of a rule must be in the system-call table, was " + rule.call());
            }
        }
    }
}
