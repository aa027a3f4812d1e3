package io.cloister.sandbox.linux.seccomp;

import java.util.List;
import java.util.Objects;

/// One line of a policy: this system call, with arguments like these, gets this action.
///
/// @param call the kernel's name of the call, such as `openat`
/// @param tests what all must hold for the rule to apply; empty: it always applies
/// @param action what happens to the call
/// @param reason why, for people: one sentence or phrase
public record Rule(String call, List<ArgumentTest> tests, Action action, String reason) {

    public Rule {
        Objects.requireNonNull(action, "action");
        tests = List.copyOf(tests);
        if (call.isEmpty()) {
            throw new IllegalArgumentException("call must not be empty");
        }
        if (reason.isBlank()) {
            throw new IllegalArgumentException(
                    "reason of a rule on " + call + " must not be blank");
        }
    }

    /// A rule that applies where all `tests` hold, and always if there are none.
    public static Rule of(String call, Action action, String reason, ArgumentTest... tests) {
        return new Rule(call, List.of(tests), action, reason);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(call);
        for (int i = 0; i < tests.size(); i++) {
            text.append(i == 0 ? "(" : ", ").append(tests.get(i));
        }
        if (!tests.isEmpty()) {
            text.append(')');
        }
        return text.append(": ").append(action).append(", ").append(reason).toString();
    }
}
