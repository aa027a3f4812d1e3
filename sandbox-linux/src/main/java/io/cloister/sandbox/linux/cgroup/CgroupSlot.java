package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The groups that one launcher, and the runs that it starts, are in. Where version 1 has
/// controllers, one run at a time; in version 2 each run has a leaf of its own, so there may be
/// many at once. Thread-safe.
public final class CgroupSlot implements AutoCloseable {

    /// How long [#close()] waits for killed processes to be gone; after that it goes on elsewhere.
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(CgroupSlot.class);
    private static final Duration LATER = Duration.ofSeconds(30);

    private final Optional<SlotV2> version2;
    private final Optional<SlotV1> version1;
    private final OomCounter oomCounter = new OomCounter();
    private final List<Path> directories;
    private boolean closed;

    /// @param directories what is removed at the end
    CgroupSlot(Optional<SlotV2> version2, Optional<SlotV1> version1, List<Path> directories) {
        this.version2 = version2;
        this.version1 = version1;
        this.directories = List.copyOf(directories);
    }

    /// The open directory of the leaf of version 2 that the launcher is to be born into; empty
    /// where version 2 has nothing. Stays open until [#close()].
    public OptionalInt launcherDirectory() {
        return version2.map(slot -> OptionalInt.of(slot.launcherDirectory()))
                .orElse(OptionalInt.empty());
    }

    /// Moves a launcher into the groups of version 1, which costs milliseconds. It will be spared
    /// when a run is killed. Does nothing where version 1 has nothing.
    ///
    /// @throws CgroupException if the kernel refuses
    public synchronized void join(int pid) {
        version1.ifPresent(slot -> slot.join(pid));
    }

    /// The controllers that runs are under.
    public Set<Controller> controllers() {
        Set<Controller> all = EnumSet.noneOf(Controller.class);
        version2.ifPresent(slot -> all.addAll(slot.controllers()));
        version1.ifPresent(slot -> all.addAll(slot.controllers()));
        return all;
    }

    /// Whether runs are under all of `controllers`.
    public boolean covers(Set<Controller> controllers) {
        return controllers().containsAll(controllers);
    }

    /// Bytes of memory that earlier runs left in the groups: a file system in memory is freed a
    /// little later than its last process, and page cache stays. 0 where each run has a fresh
    /// group.
    public synchronized long residue() {
        return closed
                ? 0
                : version1.flatMap(slot -> slot.read("memory.usage_in_bytes"))
                        .flatMap(Counts::number)
                        .orElse(0L);
    }

    /// Prepares the groups for a run. A limit that can't be set is told by [RunGroup#unmet()], and
    /// the others hold; only a group that can't be made at all is an exception.
    ///
    /// @param launchers how many processes of ours sit in the groups of version 1; the limit on
    ///   processes leaves room for them
    /// @throws CgroupException if there can be no group
    /// @throws IllegalStateException if this was closed
    public synchronized RunGroup begin(CgroupLimits limits, int launchers) {
        if (closed) {
            throw new IllegalStateException("the slot is closed");
        }
        List<Cgroup> parts = new ArrayList<>();
        Optional<CgroupV2> leaf = version2.map(SlotV2::begin);
        leaf.ifPresent(parts::add);
        try {
            Optional<CgroupV1> shared =
                    version1.map(slot -> new CgroupV1(slot, oomCounter, launchers));
            shared.ifPresent(parts::add);
            List<Unmet> unmet = RunGroup.apply(parts, limits);
            shared.ifPresent(CgroupV1::beginCounting);
            return new RunGroup(parts, leaf, unmet);
        } catch (RuntimeException e) {
            leaf.ifPresent(CgroupV2::close);
            throw e;
        }
    }

    /// Kills what is left in the groups, launchers too, and removes them. Does nothing the second
    /// time. A run that was begun here must be closed before.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        oomCounter.close();
        version2.ifPresent(SlotV2::close);
        version1.ifPresent(SlotV1::close);
        for (Path directory : directories) {
            if (!isDestroyed(directory)) {
                GroupTree.destroyLater(directory, LATER);
            }
        }
    }

    /// Whatever goes wrong now, for example since the JVM is out of descriptors, is tried again.
    private static boolean isDestroyed(Path directory) {
        try {
            return GroupTree.destroy(directory, PATIENCE);
        } catch (CgroupException e) {
            LOG.debug("{} could not be removed yet", directory, e);
            return false;
        }
    }
}
