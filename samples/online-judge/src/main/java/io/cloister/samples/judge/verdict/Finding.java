package io.cloister.samples.judge.verdict;

import io.cloister.samples.judge.engine.Verdict;

/// A verdict and its reason.
///
/// @param verdict the verdict
/// @param cause why, in words for the person who sent the program; empty for [Verdict#AC]
public record Finding(Verdict verdict, String cause) {
    /// Accepted.
    public static final Finding ACCEPTED = new Finding(Verdict.AC, "");

    /// {@return whether nothing is wrong so far}
    public boolean isAccepted() {
        return verdict == Verdict.AC;
    }
}
