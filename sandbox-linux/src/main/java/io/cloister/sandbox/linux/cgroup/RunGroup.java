package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupReading;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.EndEvidence;
import io.cloister.sandbox.linux.limit.LimitKind;
import io.cloister.sandbox.linux.limit.Metric;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// The groups of one run: its limits, its accounts, and the way to stop all of it.
///
/// Thread-safe. Whoever began it closes it, after the last process of the run has ended. After that
/// it tells what was read last, and nothing else has an effect.
public final class RunGroup implements AutoCloseable {

    private final List<Cgroup> parts;
    private final Optional<CgroupV2> birthplace;
    private final List<Integer> entries;
    private List<Unmet> unmet;
    private int children;
    private boolean closed;
    private CgroupReading last = CgroupReading.NONE;
    private EndEvidence lastEvidence = EndEvidence.NONE;

    /// @param parts version 2 first
    /// @param birthplace the leaf of version 2
    /// @param unmet the limits that could not be set
    RunGroup(List<Cgroup> parts, Optional<CgroupV2> birthplace, List<Unmet> unmet) {
        this(parts, birthplace, List.of(), unmet);
    }

    private RunGroup(
            List<Cgroup> parts,
            Optional<CgroupV2> birthplace,
            List<Integer> entries,
            List<Unmet> unmet) {
        this.parts = List.copyOf(parts);
        this.birthplace = birthplace;
        this.entries = List.copyOf(entries);
        this.unmet = List.copyOf(unmet);
    }

    /// The open directory of the group of version 2 that the run's first process is to be born into
    /// (`cgroup` of clone3(2) with CLONE_INTO_CGROUP). Empty where version 1 has everything: there
    /// a process is born where its launcher sits. Stays open until [#close()] or [#rest()], after
    /// which its number may be that of another file: it is to be asked for anew for each birth.
    ///
    /// @throws CgroupException if it has to be opened again and can't be
    /// @throws IllegalStateException if the run has ended
    public synchronized OptionalInt directory() {
        if (birthplace.isEmpty()) {
            return OptionalInt.empty();
        }
        if (closed) {
            throw new IllegalStateException("the run has ended");
        }
        return OptionalInt.of(birthplace.get().directory());
    }

    /// Who makes the first process of a group below.
    public sealed interface Maker {
        /// This user.
        record Same() implements Maker {}

        /// Another user, whom this one may hand files to.
        record Other(int uid, int gid) implements Maker {}

        /// Another user, whom this one can give nothing.
        record Stranger() implements Maker {}
    }

    /// Makes a group below this one, for some of the processes of the run: they are under the
    /// limits of both, and counted by both.
    ///
    /// In version 2 its first process is born into [#directory()], if its maker may do that. In
    /// version 1, and else, it writes `0` to each of [#entries()] before it makes others. That
    /// takes the kernel milliseconds, since it waits until no processor is in the middle of a fork.
    ///
    /// In version 2 a group that hands out controllers may have no processes (the
    /// no-internal-process rule of cgroups(7)). So the first time, all processes of the run move to
    /// a leaf of their own, which takes milliseconds too.
    ///
    /// @param limits its limits
    /// @param controllers those that it is to have; see [#controllers()]
    /// @param maker who makes its first process
    /// @return the group, to be closed when its last process has ended
    /// @throws CgroupException if the kernel refuses
    /// @throws IllegalStateException if the run has ended
    public synchronized RunGroup child(
            CgroupLimits limits, Set<Controller> controllers, Maker maker) {
        if (closed) {
            throw new IllegalStateException("the run has ended");
        }
        String name = "c" + ++children;
        List<Cgroup> made = new ArrayList<>();
        try {
            parts.forEach(part -> part.child(name, controllers, maker).ifPresent(made::add));
            List<Unmet> refused = apply(made, limits);
            Optional<CgroupV2> birth = Optional.empty();
            List<Integer> entries = new ArrayList<>();
            for (Cgroup part : made) {
                switch (part) {
                    case CgroupV1 group -> {
                        group.beginCounting();
                        entries.addAll(group.entries());
                    }
                    case CgroupV2 group when maker instanceof Maker.Stranger ->
                            entries.add(group.entry());
                    case CgroupV2 group -> birth = Optional.of(group);
                }
            }
            return new RunGroup(made, birth, entries, refused);
        } catch (RuntimeException e) {
            made.forEach(Cgroup::close);
            throw e;
        }
    }

    /// Open files of a group that [#child] made, by a write of `0` to each of which a process
    /// enters it; none of any other group. They stay open until [#close()].
    public List<Integer> entries() {
        return entries;
    }

    /// The controllers that groups below this one can have.
    public Set<Controller> controllers() {
        Set<Controller> all = EnumSet.noneOf(Controller.class);
        parts.forEach(part -> all.addAll(part.heritable()));
        return all;
    }

    /// The limits that could not be set at the last [CgroupSlot#begin] or [#change(CgroupLimits)];
    /// all others hold.
    public synchronized List<Unmet> unmet() {
        return unmet;
    }

    /// All that the kernel tells.
    public synchronized CgroupReading read() {
        if (closed) {
            return last;
        }
        Map<Metric, Long> values = new EnumMap<>(Metric.class);
        parts.forEach(part -> part.read(values));
        last = new CgroupReading(values);
        return last;
    }

    /// CPU time of all processes so far, in nanoseconds.
    public synchronized OptionalLong cpuNanos() {
        if (closed) {
            return last.get(Metric.CPU_NANOS).map(OptionalLong::of).orElse(OptionalLong.empty());
        }
        for (Cgroup part : parts) {
            OptionalLong nanos = part.cpuNanos();
            if (nanos.isPresent()) {
                return nanos;
            }
        }
        return OptionalLong.empty();
    }

    /// Which limits were hit so far. Also re-arms [#pidsEvents()] and [#memoryEvents()].
    public synchronized EndEvidence evidence() {
        if (closed) {
            return lastEvidence;
        }
        EndEvidence evidence = EndEvidence.NONE;
        for (Cgroup part : parts) {
            evidence = evidence.or(part.evidence());
        }
        lastEvidence = evidence;
        return evidence;
    }

    /// Sets other limits; one that `limits` does not have is taken away.
    ///
    /// @return the limits that could not be set; all others hold
    /// @throws IllegalStateException if the run has ended
    public synchronized List<Unmet> change(CgroupLimits limits) {
        if (closed) {
            throw new IllegalStateException("the run has ended");
        }
        unmet = apply(parts, limits);
        return unmet;
    }

    /// Writes limits to all parts; what no part has a controller for is unmet.
    static List<Unmet> apply(List<Cgroup> parts, CgroupLimits limits) {
        List<Unmet> unmet = new ArrayList<>();
        parts.forEach(part -> unmet.addAll(part.apply(limits)));
        for (LimitKind kind : limits.kinds()) {
            if (parts.stream().noneMatch(p -> p.controllers().contains(kind.controller()))) {
                unmet.add(new Unmet(kind, kind.controller().label(), "", Errno.ENODEV.number()));
            }
        }
        return List.copyOf(unmet);
    }

    /// Stops all processes until [#thaw()]. Where version 1 does it the launcher stops as well, and
    /// no signal ends a process before it is thawed; [#kill()] thaws.
    ///
    /// @return whether all of them are stopped now
    public synchronized boolean freeze() {
        return stopping().map(Cgroup::freeze).orElse(false);
    }

    /// Lets all processes go on.
    public synchronized void thaw() {
        stopping().ifPresent(Cgroup::thaw);
    }

    /// Kills all processes of the run, again and again until none is left, without a way for a
    /// forking process to escape. Launchers that joined the slot are spared.
    public synchronized void kill() {
        if (!closed) {
            parts.getFirst().kill();
        }
    }

    private Optional<Cgroup> stopping() {
        return closed
                ? Optional.empty()
                : parts.stream()
                        .filter(part -> part.controllers().contains(Controller.FREEZER))
                        .findFirst();
    }

    /// A descriptor that epoll(7) reports (EPOLLPRI) when a fork failed because of the limit. Stays
    /// open until [#close()]; [#evidence()] re-arms it. Empty where version 1 has the controller:
    /// there [#evidence()] must be asked from time to time.
    ///
    /// @throws CgroupException if no descriptor is left for it
    public synchronized OptionalInt pidsEvents() {
        return first(Cgroup::pidsEvents);
    }

    /// A descriptor that epoll(7) reports when the memory limit was hit or a process was killed for
    /// it: EPOLLPRI in version 2, EPOLLIN in version 1 (an event counter). Stays open until
    /// [#close()]; [#evidence()] re-arms it.
    ///
    /// @throws CgroupException if no descriptor is left for it
    public synchronized OptionalInt memoryEvents() {
        return first(Cgroup::memoryEvents);
    }

    private OptionalInt first(Function<Cgroup, OptionalInt> descriptor) {
        return closed
                ? OptionalInt.empty()
                : parts.stream()
                        .map(descriptor)
                        .filter(OptionalInt::isPresent)
                        .findFirst()
                        .orElse(OptionalInt.empty());
    }

    /// Lets go of descriptors that are not needed while no program runs in it; they are opened
    /// again when they are asked for. Who watches [#memoryEvents()] stops before, and asks again
    /// later.
    public synchronized void rest() {
        if (!closed) {
            parts.forEach(Cgroup::rest);
        }
    }

    /// Lets go of the groups. Costs no wait: a group that the kernel still holds is removed a
    /// little later, and what is still alive in it is killed. Does nothing the second time.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            parts.forEach(Cgroup::close);
        }
    }
}
