package io.cloister.samples.judge.web;

import io.swagger.v3.oas.annotations.media.Schema;

import org.jspecify.annotations.Nullable;

/// What a client sends.
///
/// @param problem the name of a problem
/// @param language the id of a language
/// @param source the program
@Schema(description = "A program that shall be judged")
public record SubmissionRequest(
        @Schema(
                        description = "Name of the problem, one of GET /problems",
                        requiredMode = Schema.RequiredMode.REQUIRED,
                        example = "sum")
                @Nullable String problem,
        @Schema(
                        description = "Id of the language, one of GET /languages",
                        requiredMode = Schema.RequiredMode.REQUIRED,
                        example = "python")
                @Nullable String language,
        @Schema(
                        description = "The program, one file; its size in UTF-8 is bounded",
                        requiredMode = Schema.RequiredMode.REQUIRED,
                        example = "input(); print(sum(map(int, input().split())))")
                @Nullable String source) {}
