package io.cloister.samples.build.step;

import io.cloister.sandbox.Bytes;

import java.time.DateTimeException;
import java.time.Duration;

/// What a step may use. Sizes read `512m`, times `90s` or `5m`.
///
/// @param memory of all its processes
/// @param wallTime until it is killed
/// @param files of all that it writes into `/work`, its inputs included
public record StepLimits(String memory, String wallTime, String files) {
    static final StepLimits DEFAULT = new StepLimits("2g", "10m", "1g");

    /// Fills in what a file leaves out, and checks.
    public StepLimits {
        memory = memory == null ? "2g" : memory;
        wallTime = wallTime == null ? "10m" : wallTime;
        files = files == null ? "1g" : files;
        Bytes.parse(memory);
        Bytes.parse(files);
        try {
            Duration.parse("PT" + wallTime);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "wallTime must be a time such as 90s or 5m, was \"%s\"".formatted(wallTime), e);
        }
    }

    Bytes memorySize() {
        return Bytes.parse(memory);
    }

    Bytes filesSize() {
        return Bytes.parse(files);
    }

    Duration time() {
        return Duration.parse("PT" + wallTime);
    }
}
