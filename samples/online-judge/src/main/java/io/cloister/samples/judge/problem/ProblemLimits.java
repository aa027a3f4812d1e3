package io.cloister.samples.judge.problem;

import io.cloister.samples.judge.yaml.Fields;
import io.cloister.sandbox.Bytes;

import java.time.Duration;
import java.util.Set;

/// What a program may use for one test, before the factors of its language.
///
/// @param time processor time; field `time_limit`, in seconds, 1 without it
/// @param memory memory; field `memory`, in MiB, 256 without it
/// @param output bytes on each of its two outputs; field `output`, in MiB, 8 without it
/// @param validationTime processor time of the validator of the problem; field `validation_time`,
///   in seconds, 20 without it
/// @param validationMemory memory of it; field `validation_memory`, in MiB, 256 without it
public record ProblemLimits(
        Duration time,
        Bytes memory,
        Bytes output,
        Duration validationTime,
        Bytes validationMemory) {
    /// Those of the format; some have no meaning here.
    private static final Set<String> FIELDS =
            Set.of(
                    "time_limit",
                    "time_multiplier",
                    "time_multipliers",
                    "time_safety_margin",
                    "time_resolution",
                    "memory",
                    "output",
                    "code",
                    "compilation_time",
                    "compilation_memory",
                    "validation_time",
                    "validation_memory",
                    "validation_output");

    private static final double LEAST_SECONDS = 0.1;
    private static final double MOST_SECONDS = 600;
    private static final double LEAST_MEBIBYTES = 16;

    /// Together with what the largest runtime needs less than a sandbox may have at all.
    private static final double MOST_MEBIBYTES = 3072;

    /// It is held in the memory of the judge.
    private static final double MOST_OUTPUT_MEBIBYTES = 64;

    private static final double MILLIS = 1000;

    static ProblemLimits read(Fields limits) {
        limits.requireKnown(FIELDS);
        return new ProblemLimits(
                seconds(limits.number("time_limit", 1, LEAST_SECONDS, MOST_SECONDS)),
                mebibytes(limits.number("memory", 256, LEAST_MEBIBYTES, MOST_MEBIBYTES)),
                mebibytes(limits.number("output", 8, 1, MOST_OUTPUT_MEBIBYTES)),
                seconds(limits.number("validation_time", 20, LEAST_SECONDS, MOST_SECONDS)),
                mebibytes(
                        limits.number("validation_memory", 256, LEAST_MEBIBYTES, MOST_MEBIBYTES)));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * MILLIS));
    }

    private static Bytes mebibytes(double count) {
        return Bytes.mebibytes((long) count);
    }
}
