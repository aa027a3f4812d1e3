package io.cloister.sandbox;

import java.time.Duration;
import java.util.Objects;

/// How long a run had to wait because something was scarce. Source: the kernel's pressure stall
/// information, `cpu.pressure`, `memory.pressure` and `io.pressure` of cgroups(7).
///
/// @param cpu waiting for a processor
/// @param memory waiting for memory to be reclaimed or swapped in
/// @param io waiting for block devices
public record Pressure(Stall cpu, Stall memory, Stall io) {
    /// Refuses null.
    public Pressure {
        Objects.requireNonNull(cpu, "cpu");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(io, "io");
    }

    /// Time spent waiting, since the start of the run.
    ///
    /// @param some while at least one task waited
    /// @param full while all that could have run waited
    public record Stall(Duration some, Duration full) {
        /// Refuses null.
        public Stall {
            Objects.requireNonNull(some, "some");
            Objects.requireNonNull(full, "full");
        }

        /// The times, for people.
        @Override
        public String toString() {
            return "Stall[some %s, full %s]"
                    .formatted(Units.showDuration(some), Units.showDuration(full));
        }
    }
}
