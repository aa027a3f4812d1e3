package io.cloister.samples.judge.run;

import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.text.Shown;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Outcome;

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
            case Outcome.Exited(int code) when code == ACCEPTED -> Finding.ACCEPTED;
            case Outcome.Exited(int code) when code == WRONG ->
                    new Finding(Verdict.WA, message.isEmpty() ? "the validator says no" : message);
            default ->
                    throw new JudgeFaultException(
                            "the validator must end with %d or %d, was %s: %s"
                                    .formatted(
                                            ACCEPTED,
                                            WRONG,
                                            outcome,
                                            Shown.line(errors.strip(), SHOWN)));
        };
    }
}
