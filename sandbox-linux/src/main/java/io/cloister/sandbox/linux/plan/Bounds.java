package io.cloister.sandbox.linux.plan;

import java.time.Duration;
import java.util.Optional;

/// What an end is compared with.
///
/// @param cpuTime the limit on processor time
/// @param wallTime the limit on wall-clock time
/// @param fileSizeLimited whether the size of files is limited
/// @param unheard whether forbidden calls end their process by SIGSYS, since nobody could listen to
///   the filter
public record Bounds(
        Optional<Duration> cpuTime,
        Optional<Duration> wallTime,
        boolean fileSizeLimited,
        boolean unheard) {}
