package io.cloister.samples.judge.store;

import io.cloister.samples.judge.engine.Verdict;

import org.jspecify.annotations.Nullable;

import java.time.OffsetDateTime;

/// A submission as it is stored, without its source.
///
/// @param id its number
/// @param problem the problem that it claims to solve
/// @param language the language that it is written in
/// @param sentAt when it was sent
/// @param round how often a verdict was asked for
/// @param attempt the fencing token of who took it last
/// @param tries how many workers took it in this round
/// @param judged the latest round that has a verdict; 0 if there is none
/// @param verdict the verdict of that round; null until there is one
public record StoredSubmission(
        long id,
        String problem,
        String language,
        OffsetDateTime sentAt,
        int round,
        int attempt,
        int tries,
        int judged,
        @Nullable Verdict verdict) {

    /// {@return whether no verdict is due}
    public boolean isJudged() {
        return judged == round;
    }
}
