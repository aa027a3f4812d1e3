package io.cloister.sandbox.spring.state;

import io.cloister.sandbox.Outcome;

import java.util.Locale;

/// Names of outcomes for meters and traces: few, and never with a number in them.
public final class OutcomeName {
    /// The command did not run, or could not be watched to its end.
    public static final String NOT_RUN = "not-run";

    private OutcomeName() {}

    /// The name of an outcome: `success`, `failure` for another exit code, `signal`, `policy` for a
    /// forbidden system call, `cancelled`, or a limit such as `memory-limit`.
    ///
    /// @param outcome the outcome
    /// @return its name
    public static String of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> code == 0 ? "success" : "failure";
            case Outcome.Signalled _ -> "signal";
            case Outcome.PolicyViolated _ -> "policy";
            case Outcome.Cancelled _ -> "cancelled";
            case Outcome.LimitReached(var limit) ->
                    limit.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-limit";
        };
    }
}
