package io.cloister.sandbox.syscall;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Units;

import java.time.Duration;
import java.util.Objects;

/// How calls are answered by handlers.
///
/// @param deadline within which a handler has to answer, > 0
/// @param onFailure what the program sees where a handler was late or failed
/// @param concurrent how many calls of a run are with handlers at a time, > 0; the threads that
///   make further ones wait in the kernel
public record SyscallHandling(Duration deadline, Errno onFailure, int concurrent) {

    /// Checks the parts.
    ///
    /// @throws IllegalArgumentException if `deadline` or `concurrent` is not positive
    public SyscallHandling {
        Objects.requireNonNull(onFailure, "onFailure");
        if (!deadline.isPositive()) {
            throw new IllegalArgumentException(
                    "deadline must be > 0, was " + Units.formatDuration(deadline));
        }
        if (concurrent <= 0) {
            throw new IllegalArgumentException("concurrent must be > 0, was " + concurrent);
        }
    }

    /// {@return the default: 5 seconds, `EPERM`, 64 calls}
    public static SyscallHandling standard() {
        return new SyscallHandling(Duration.ofSeconds(5), Errno.EPERM, 64);
    }

    /// The parts, and the deadline as people write it.
    @Override
    public String toString() {
        return "SyscallHandling[deadline=%s, onFailure=%s, concurrent=%d]"
                .formatted(Units.formatDuration(deadline), onFailure, concurrent);
    }
}
