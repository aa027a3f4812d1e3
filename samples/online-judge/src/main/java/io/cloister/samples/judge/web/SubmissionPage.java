package io.cloister.samples.judge.web;

import io.swagger.v3.oas.annotations.media.Schema;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Some submissions, newest first.
///
/// @param submissions the submissions
/// @param next where older ones are; null if there are none
@Schema(description = "Some submissions, newest first")
public record SubmissionPage(
        List<SubmissionView> submissions,
        @Schema(
                        description = "Where older ones are; null if there are none",
                        example = "/submissions?before=17&limit=20")
                @Nullable String next) {}
