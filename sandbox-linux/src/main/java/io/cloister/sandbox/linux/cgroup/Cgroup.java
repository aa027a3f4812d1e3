package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.EndEvidence;
import io.cloister.sandbox.linux.limit.Metric;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// The groups of one run in one version of control groups. A run on a host that has controllers in
/// both versions has one of each; [RunGroup] puts them together and sees to it that one thread at a
/// time comes here.
sealed interface Cgroup permits CgroupV1, CgroupV2 {

    /// The controllers that this part has.
    Set<Controller> controllers();

    /// Writes limits; one that is not in `limits` is taken away.
    ///
    /// @return the limits of this part's controllers that could not be set
    List<Unmet> apply(CgroupLimits limits);

    /// Adds what this part can tell.
    void read(Map<Metric, Long> values);

    OptionalLong cpuNanos();

    EndEvidence evidence();

    OptionalInt pidsEvents();

    OptionalInt memoryEvents();

    /// Whether all of it is stopped.
    boolean freeze();

    void thaw();

    void kill();

    /// The controllers that a group below this one can have.
    Set<Controller> heritable();

    /// Makes a group below this one, which holds on top of it.
    ///
    /// @param wanted the controllers that it is to have
    /// @param maker who makes its first process
    /// @return empty if this part has none of them
    Optional<Cgroup> child(String name, Set<Controller> wanted, RunGroup.Maker maker);

    /// Lets go of descriptors that are not needed while nothing runs in it.
    void rest();

    void close();
}
