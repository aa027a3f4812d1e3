package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.cgroup.Version1Settings.Inherited;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The groups of version 1 that a launcher sits in, one in each hierarchy. Its runs are born there,
/// one after the other, since moving a process costs milliseconds. Not thread-safe.
final class SlotV1 implements AutoCloseable {

    /// What a program may use: null, zero, full, random, urandom, tty, ptmx and pseudoterminals.
    private static final List<String> DEVICES =
            List.of(
                    "c 1:3 rwm",
                    "c 1:5 rwm",
                    "c 1:7 rwm",
                    "c 1:8 rwm",
                    "c 1:9 rwm",
                    "c 5:0 rwm",
                    "c 5:2 rwm",
                    "c 136:* rwm");

    private static final Duration REMOVAL = Duration.ofSeconds(30);

    private final Map<Controller, GroupDirectory> directories;
    private final Settings settings = new Settings(this::write);
    private final MemoryVersion1 memory = new MemoryVersion1(this::write, SwapSpace::isNone);
    private final Map<String, Optional<GroupDirectory>> byFile = new HashMap<>();
    private final Set<Integer> launchers = new HashSet<>();
    private final Inherited inherited;
    private String memoryStat = "";

    /// @param directories the groups, which are closed with this; several controllers may share one
    SlotV1(Map<Controller, GroupDirectory> directories) {
        this.directories = new EnumMap<>(directories);
        inherited =
                new Inherited(
                        read("cpuset.cpus").map(String::strip).orElse(""),
                        read("cpuset.mems").map(String::strip).orElse(""));
        if (directories.containsKey(Controller.DEVICES)) {
            allowDevices(directories.get(Controller.DEVICES));
        }
    }

    /// Without CPUs and memory nodes a group of this version takes no process.
    static void fillCpuset(GroupDirectory parent, GroupDirectory group) {
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            parent.read(file).map(String::strip).ifPresent(list -> group.write(file, list));
        }
    }

    private static void allowDevices(GroupDirectory group) {
        group.write("devices.deny", "a");
        for (String device : DEVICES) {
            int result = group.tryWrite("devices.allow", device);
            // EPERM: a group above denies it, which is stricter than what is asked for.
            if (result < 0 && !Errno.EPERM.is(result)) {
                throw new CgroupException(group.path() + "/devices.allow", device, -result);
            }
        }
    }

    Set<Controller> controllers() {
        return Collections.unmodifiableSet(directories.keySet());
    }

    Set<Integer> launchers() {
        return launchers;
    }

    /// The controllers whose limits hold for groups below as well. Limits on disks do not in this
    /// version, and what devices may be opened is the same for all.
    Set<Controller> heritable() {
        Set<Controller> all = EnumSet.noneOf(Controller.class);
        all.addAll(directories.keySet());
        all.remove(Controller.IO);
        all.remove(Controller.DEVICES);
        return all;
    }

    /// Groups below these.
    ///
    /// @param wanted the controllers to have, at least one of [#heritable()]
    SlotV1 child(String name, Set<Controller> wanted) {
        Map<GroupDirectory, GroupDirectory> made = new LinkedHashMap<>();
        Map<Controller, GroupDirectory> below = new EnumMap<>(Controller.class);
        try {
            for (Controller controller : heritable()) {
                if (wanted.contains(controller)) {
                    GroupDirectory parent = directories.get(controller);
                    if (controller == Controller.MEMORY) {
                        makeHierarchical(parent);
                    }
                    GroupDirectory group = made.get(parent);
                    if (group == null) {
                        group = parent.make(name);
                        made.put(parent, group);
                        fillCpuset(parent, group);
                    }
                    below.put(controller, group);
                }
            }
            return new SlotV1(below);
        } catch (RuntimeException e) {
            made.values().forEach(GroupDirectory::close);
            made.values().forEach(group -> GroupTree.discard(Path.of(group.path()), REMOVAL));
            throw e;
        }
    }

    /// Before Linux 5.11 a group does not count what groups below it have, unless it is told to.
    private static void makeHierarchical(GroupDirectory memory) {
        String file = "memory.use_hierarchy";
        if (memory.read(file).filter(text -> text.strip().equals("0")).isPresent()) {
            memory.write(file, "1");
        }
    }

    /// Closes these groups, which [#child] made, and removes them.
    void discard() {
        close();
        distinct().forEach(group -> GroupTree.discard(Path.of(group.path()), REMOVAL));
    }

    /// Moves a process into all groups.
    void join(int pid) {
        for (GroupDirectory directory : distinct()) {
            directory.write("cgroup.procs", String.valueOf(pid));
        }
        launchers.add(pid);
    }

    Set<GroupDirectory> distinct() {
        return new LinkedHashSet<>(directories.values());
    }

    /// A group that lists the processes of a run.
    GroupDirectory processes() {
        return Optional.ofNullable(directories.get(Controller.FREEZER))
                .orElseGet(() -> directories.values().iterator().next());
    }

    /// Writes limits; what is not in `limits` is taken away.
    ///
    /// @param room processes of ours that the limit on processes must leave room for
    List<Unmet> apply(CgroupLimits limits, int room) {
        List<Unmet> unmet =
                settings.apply(Version1Settings.of(limits, controllers(), room, inherited));
        if (directories.containsKey(Controller.MEMORY)) {
            unmet.addAll(memory.apply(limits));
        }
        return unmet;
    }

    /// Whether memory and swap together have a limit.
    boolean limitsSwap() {
        return memory.limitsSwap();
    }

    /// The text of a file, which stays open; empty where there is none.
    Optional<String> read(String file) {
        return directory(file).flatMap(directory -> directory.readOften(file));
    }

    /// The text of memory.stat, which the next run begins with. It is dear, so a run that begins
    /// takes what the last one read at its end.
    String readMemoryStat() {
        memoryStat = read("memory.stat").orElse("");
        return memoryStat;
    }

    /// What was read last.
    String memoryStat() {
        return memoryStat.isEmpty() ? readMemoryStat() : memoryStat;
    }

    /// Writes a file, which stays open; returns a number >= 0, or -errno.
    int write(String file, String text) {
        Optional<GroupDirectory> directory = directory(file);
        if (directory.isEmpty()) {
            return Errno.ENODEV.negated();
        }
        int result = directory.get().tryWriteOften(file, text);
        if (Errno.ENOENT.is(result) && file.equals("blkio.weight")) {
            return write("blkio.bfq.weight", bfqWeight(text));
        }
        return result;
    }

    /// From the scale of CFQ, whose default is 500, to that of BFQ, whose default is 100.
    private static String bfqWeight(String cfqWeight) {
        return String.valueOf(Math.max(1, Integer.parseInt(cfqWeight) / 5));
    }

    /// A file is named after its controller.
    Optional<GroupDirectory> directory(String file) {
        return byFile.computeIfAbsent(
                file,
                name ->
                        Controller.ofVersion1(name.substring(0, name.indexOf('.')))
                                .map(directories::get));
    }

    /// Lets go of descriptors until they are asked for.
    ///
    /// @param kept files that stay open for reading
    void rest(Set<String> kept) {
        distinct().forEach(group -> group.rest(kept));
    }

    @Override
    public void close() {
        // A frozen process does not die.
        write("freezer.state", "THAWED");
        distinct().forEach(GroupDirectory::close);
    }
}
