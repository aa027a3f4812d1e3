package io.cloister.sandbox.linux.watch;

import java.util.Collection;
import java.util.Optional;

/// What a process and all its descendants used at one moment, as a sum over each of them.
///
/// Processes come and go while they are read, so the sum is of a moment that lasts a while. A
/// process that ends meanwhile is left out; one that starts meanwhile may be.
///
/// **Memory** is anonymous memory, the shared memory that a process maps (System V, `memfd`, tmpfs,
/// `MAP_SHARED`) and swap. Pages that several processes map count once for each: shared memory, and
/// what a child has in common with its parent after fork(2) until one of them writes to it.
/// [#ofSharedOnce(int)] counts them once. Not counted are page cache, files of a tmpfs that nobody
/// maps, buffers of pipes and sockets, page tables and other memory of the kernel.
///
/// **Processor time** is that of all processes that are there, with that of the children they have
/// waited for; each of the up to four numbers of a process is rounded down to 10 ms. The time of a
/// child that nobody waits for, since `SIGCHLD` is ignored, is lost when the child ends: the sum of
/// a later moment may be less. [TreeWatch] keeps it.
///
/// @param processes how many there are, the first one among them
/// @param threads how many threads they have together, at least one each
/// @param memoryBytes their memory
/// @param cpuNanos their processor time
public record TreeSample(int processes, long threads, long memoryBytes, long cpuNanos) {

    /// {@return what a process and its descendants use; empty if there is no such process, or it is
    /// hidden by the mount option `hidepid` of proc(5)}
    ///
    /// @param pid the process, as this JVM's `/proc` names it
    /// @throws java.io.UncheckedIOException if a file cannot be read for another reason than that
    ///   its process is gone
    public static Optional<TreeSample> of(int pid) {
        return new TreeWatch(pid).sample();
    }

    /// {@return the same, with memory that n processes share counted as 1/n for each of them}
    ///
    /// The kernel walks the page tables of each process for it, which takes some milliseconds for
    /// each 100 MiB: for a second look, once [#of(int)] tells too much. A process whose
    /// `smaps_rollup` may not be read counts as there.
    ///
    /// @param pid the process, as this JVM's `/proc` names it
    /// @throws java.io.UncheckedIOException if a file cannot be read for another reason than that
    ///   its process is gone
    public static Optional<TreeSample> ofSharedOnce(int pid) {
        return new TreeWatch(pid).sampleSharedOnce();
    }

    static TreeSample sum(Collection<ProcessSample> processes) {
        long threads = 0;
        long memory = 0;
        long nanos = 0;
        for (ProcessSample process : processes) {
            threads += process.threads();
            memory += process.memoryBytes();
            nanos += process.ownNanos() + process.waitedNanos();
        }
        return new TreeSample(processes.size(), threads, memory, nanos);
    }

    TreeSample cpuNanos(long nanos) {
        return new TreeSample(processes, threads, memoryBytes, nanos);
    }
}
