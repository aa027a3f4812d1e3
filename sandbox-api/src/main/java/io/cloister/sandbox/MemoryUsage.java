package io.cloister.sandbox;

import java.util.Objects;
import java.util.Optional;

/// The memory of all processes of a run together, each page counted once. Source: `memory.current`,
/// `memory.peak` and `memory.stat` of cgroups(7), and what has their place in version 1.
///
/// Where no control group counts, only [#peak()] is known, and [ResourceUsage#memory()] tells what
/// it is then. Each part is empty where the host cannot tell it.
///
/// @param peak the most that was in use at one time
/// @param current what is in use; at the end of a run, what its last process left in caches
/// @param anonymous the part that belongs to no file: heap, stacks, private mappings
/// @param file the part that holds contents of files, tmpfs and shared memory among them
/// @param kernel the part that the kernel holds for the run: page tables, stacks, pipes, sockets
/// @param shared the part of `file` that is tmpfs and shared memory
/// @param swap what is swapped out, not part of `current`
public record MemoryUsage(
        Optional<Bytes> peak,
        Optional<Bytes> current,
        Optional<Bytes> anonymous,
        Optional<Bytes> file,
        Optional<Bytes> kernel,
        Optional<Bytes> shared,
        Optional<Bytes> swap) {

    /// Nothing is known.
    public static final MemoryUsage UNKNOWN =
            new MemoryUsage(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /// Refuses null.
    public MemoryUsage {
        Objects.requireNonNull(peak, "peak");
        Objects.requireNonNull(current, "current");
        Objects.requireNonNull(anonymous, "anonymous");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(kernel, "kernel");
        Objects.requireNonNull(shared, "shared");
        Objects.requireNonNull(swap, "swap");
    }

    /// {@return usage of which only the peak is known}
    ///
    /// @param peak the most that was in use at one time
    public static MemoryUsage ofPeak(Bytes peak) {
        return UNKNOWN.withPeak(Optional.of(peak));
    }

    /// {@return the same with another peak}
    ///
    /// @param other the most that was in use at one time; empty where the host cannot tell
    public MemoryUsage withPeak(Optional<Bytes> other) {
        return new MemoryUsage(other, current, anonymous, file, kernel, shared, swap);
    }
}
