package io.cloister.sandbox.syscall;

import java.util.List;
import java.util.Objects;

/// One line of a policy: this system call, with arguments like these, gets this action.
///
/// @param call the call
/// @param tests what all must hold for the rule to apply; empty: it always applies
/// @param action what happens to the call
/// @param reason why, for people: a phrase; may be empty
public record SyscallRule(
        Syscall call, List<ArgumentTest> tests, SyscallAction action, String reason) {

    /// Copies.
    ///
    /// @throws IllegalArgumentException if `reason` holds a line break
    public SyscallRule {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(action, "action");
        tests = List.copyOf(tests);
        if (reason.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("reason must be one line, was \"" + reason + "\"");
        }
    }

    /// {@return a rule that applies where all `tests` hold, and always if there are none}
    ///
    /// @param call the call
    /// @param action what happens to it
    /// @param reason why
    /// @param tests what must hold
    public static SyscallRule of(
            Syscall call, SyscallAction action, String reason, ArgumentTest... tests) {
        return new SyscallRule(call, List.of(tests), action, reason);
    }

    /// For example `personality(arg0 == 0x4): EPERM, old behaviour`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(call.label());
        for (int i = 0; i < tests.size(); i++) {
            text.append(i == 0 ? "(" : ", ").append(tests.get(i));
        }
        if (!tests.isEmpty()) {
            text.append(')');
        }
        text.append(": ").append(action);
        return reason.isEmpty() ? text.toString() : text.append(", ").append(reason).toString();
    }
}
