package io.cloister.samples.judge.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import io.cloister.samples.judge.store.Event;
import io.swagger.v3.oas.annotations.media.Schema;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// All that is known of a submission.
///
/// @param submission what lists show
/// @param source the program
/// @param round how often a verdict was asked for
/// @param tests the tests that were run so far
/// @param result the latest verdict with its reasons; null until there is one
@Schema(description = "A submission with its source and results")
public record SubmissionDetails(
        @JsonUnwrapped SubmissionView submission,
        String source,
        @Schema(description = "How often a verdict was asked for: 1, and 1 more with each rejudge")
                int round,
        @Schema(description = "The tests that were run so far, in their order")
                List<Event.Tested> tests,
        @Schema(description = "The latest verdict with its reasons; null until there is one")
                Event.@Nullable Judged result) {}
