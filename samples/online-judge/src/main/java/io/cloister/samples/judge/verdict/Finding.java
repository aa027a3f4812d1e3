package io.cloister.samples.judge.verdict;

import io.cloister.samples.judge.engine.Verdict;

/// A verdict and its reason.
///
/// @param verdict the verdict
/// @param cause why, for the person who sent the program; tells nothing of the test; empty for
///   [Verdict#AC]
/// @param words what programs said, which may be the test itself; empty without any
public record Finding(Verdict verdict, String cause, String words) {
    /// Accepted.
    public static final Finding ACCEPTED = new Finding(Verdict.AC, "");

    /// A finding without words of programs.
    ///
    /// @param verdict the verdict
    /// @param cause why; empty for [Verdict#AC]
    public Finding(Verdict verdict, String cause) {
        this(verdict, cause, "");
    }

    /// {@return whether nothing is wrong so far}
    public boolean isAccepted() {
        return verdict == Verdict.AC;
    }

    /// {@return the cause together with the words}
    public String withWords() {
        return words.isEmpty() ? cause : cause + "; " + words;
    }
}
