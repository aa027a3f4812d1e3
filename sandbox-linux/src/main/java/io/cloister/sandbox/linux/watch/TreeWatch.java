package io.cloister.sandbox.linux.watch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Looks at a tree of processes again and again, so that processor time never runs backwards. Not
/// thread-safe.
///
/// The sum over the processes that are there forgets a child that ended and was not waited for. So
/// the time of each process seen is kept as well when it ends, and the greater of both counts: the
/// sum with the children waited for, or the own time of all processes ever seen. Neither counts
/// anything twice, so the tree has used at least that much. What one misses, the other has, but for
/// a process that lived between two looks and that nobody waited for.
///
/// A process that the walk does not meet though it was there before is asked for by its id: the
/// list of children "is reliable only if all the child processes are stopped or frozen"
/// (proc_tid_children(5)), and an orphan moves in the tree.
public final class TreeWatch {
    private final ProcessFiles files;
    private final int root;
    private Map<Integer, ProcessSample> known = Map.of();
    private long endedNanos;
    private long mostNanos;

    /// @param pid the process at the head of the tree, as this JVM's `/proc` names it
    public TreeWatch(int pid) {
        this(ProcessFiles.HOST, pid);
    }

    TreeWatch(ProcessFiles files, int pid) {
        this.files = files;
        root = pid;
    }

    /// {@return what the tree uses; empty if the process at its head is gone, or hidden by the
    /// mount option `hidepid` of proc(5)} Its processor time is never less than in an earlier
    /// answer.
    ///
    /// @throws java.io.UncheckedIOException if a file cannot be read for another reason than that
    ///   its process is gone
    public Optional<TreeSample> sample() {
        return read(false);
    }

    /// {@return the same, with memory that n processes share counted as 1/n for each of them; see
    /// [TreeSample#ofSharedOnce(int)]}
    ///
    /// @throws java.io.UncheckedIOException if a file cannot be read for another reason than that
    ///   its process is gone
    public Optional<TreeSample> sampleSharedOnce() {
        return read(true);
    }

    private Optional<TreeSample> read(boolean sharedOnce) {
        Map<Integer, ProcessSample> found = walk();
        if (!found.containsKey(root)) {
            return Optional.empty();
        }
        addThoseNotMet(found);
        if (sharedOnce) {
            found.replaceAll(this::withProportionalMemory);
        }
        TreeSample sum = TreeSample.sum(found.values());
        long own = found.values().stream().mapToLong(ProcessSample::ownNanos).sum();
        mostNanos = Math.max(mostNanos, Math.max(sum.cpuNanos(), endedNanos + own));
        known = found;
        return Optional.of(sum.cpuNanos(mostNanos));
    }

    /// From the head downwards: a process that is waited for between two reads is missing once. The
    /// other way round it would count twice, by itself and as time of its parent.
    private Map<Integer, ProcessSample> walk() {
        Map<Integer, ProcessSample> found = new LinkedHashMap<>();
        Set<Integer> seen = new HashSet<>(Set.of(root));
        Deque<Integer> pending = new ArrayDeque<>(seen);
        ProcessFiles.Children children = files.children(root);
        while (!pending.isEmpty()) {
            int pid = pending.remove();
            files.sample(pid)
                    .ifPresent(process -> {
                        found.put(pid, process);
                        children.of(pid, process).stream().filter(seen::add).forEach(pending::add);
                    });
        }
        return found;
    }

    private void addThoseNotMet(Map<Integer, ProcessSample> found) {
        known.forEach((pid, before) -> {
            Optional<ProcessSample> now =
                    Optional.ofNullable(found.get(pid))
                            .or(() -> files.sample(pid))
                            .filter(it -> it.startTicks() == before.startTicks());
            if (now.isPresent()) {
                found.put(pid, now.get());
            } else {
                endedNanos += before.ownNanos();
            }
        });
    }

    private ProcessSample withProportionalMemory(int pid, ProcessSample process) {
        return process.memoryBytes(files.proportionalMemory(pid).orElse(process.memoryBytes()));
    }
}
