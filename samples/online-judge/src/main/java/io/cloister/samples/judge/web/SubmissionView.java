package io.cloister.samples.judge.web;

import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.StoredSubmission;
import io.swagger.v3.oas.annotations.media.Schema;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// A submission in a list.
///
/// @param id its number
/// @param problem its problem
/// @param language its language
/// @param sentAt when it was sent
/// @param state how far it is
/// @param verdict its verdict; null until there is one
@Schema(description = "A submission")
public record SubmissionView(
        @Schema(description = "Its number") long id,
        String problem,
        String language,
        Instant sentAt,
        State state,
        @Schema(description = "The latest; null until there is one") @Nullable Verdict verdict) {

    /// How far a submission is.
    @Schema(description = "Whether no worker has it yet, one has it, or there is a verdict")
    public enum State {
        /// No worker has it.
        QUEUED,
        /// A worker has it, or had it and died.
        JUDGING,
        /// No verdict is due.
        JUDGED
    }

    static SubmissionView of(StoredSubmission stored) {
        return new SubmissionView(
                stored.id(),
                stored.problem(),
                stored.language(),
                stored.sentAt().toInstant(),
                state(stored),
                stored.verdict());
    }

    private static State state(StoredSubmission stored) {
        if (stored.isJudged()) {
            return State.JUDGED;
        }
        return stored.tries() == 0 ? State.QUEUED : State.JUDGING;
    }
}
