package io.cloister.samples.judge.run;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.VisibleText;

/// What the end of a validator means. Pure.
final class ValidatorEndings {
    /// Yes, by the convention of ICPC packages.
    static final int ACCEPTED = 42;

    /// No.
    static final int WRONG = 43;

    private static final int SHOWN = 300;

    private ValidatorEndings() {}

    /// The verdict; any end but the two of the convention is a fault of the problem.
    static Finding judge(Outcome outcome, String errors, String message) {
        return switch (outcome) {
            case Outcome.Cancelled _ ->
                    throw new HostFaultException("the run of the validator was cancelled");
            case Outcome.Exited(int code) when code == ACCEPTED -> Finding.ACCEPTED;
            case Outcome.Exited(int code) when code == WRONG ->
                    new Finding(Verdict.WA, message.isEmpty() ? "the validator says no" : message);
            default ->
                    new Finding(
                            Verdict.IE,
                            "the validator of the problem must end with %d or %d, was %s"
                                    .formatted(ACCEPTED, WRONG, outcome),
                            "it said: " + VisibleText.line(errors.strip(), SHOWN));
        };
    }
}
