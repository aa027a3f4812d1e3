package io.cloister.sandbox.linux.cgroup;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A host made of texts. The JVM is process 100, started by process 50.
final class FakeGroups implements CgroupView {
    private static final String PID = "100";

    private final Map<String, String> files = new HashMap<>();
    private final Map<String, Integer> owners = new HashMap<>();
    private final Set<String> writable = new HashSet<>();
    private final Set<String> delegated = new HashSet<>();
    private final StringBuilder mounts = new StringBuilder("22 1 0:21 / /proc rw - proc proc rw\n");
    private final int uid;
    private String property = "";

    FakeGroups(int uid) {
        this.uid = uid;
        file("/proc/self/stat", PID + " (a ) b) S 50 1 1");
        process(PID, uid, "50");
        process("50", uid, "1");
        file("/proc/self/status", "Name:\tjava\nUid:\t7\t%d\t7\t7\n".formatted(uid));
        file(
                "/proc/cgroups",
                """
                #subsys_name\thierarchy\tnum_cgroups\tenabled
                cpuset\t0\t1\t1
                cpu\t0\t1\t1
                cpuacct\t0\t1\t1
                blkio\t0\t1\t1
                memory\t0\t1\t1
                devices\t0\t1\t1
                freezer\t0\t1\t1
                pids\t0\t1\t1
                """);
    }

    FakeGroups file(String path, String text) {
        files.put(path, text);
        return this;
    }

    FakeGroups process(String pid, int user, String parent) {
        file("/proc/" + pid + "/stat", "%s (name) S %s 1 1".formatted(pid, parent));
        return file("/proc/" + pid + "/status", "Uid:\t%1$d\t%1$d\n".formatted(user));
    }

    FakeGroups membership(String text) {
        return file("/proc/self/cgroup", text);
    }

    FakeGroups mount(String root, String point, String type, String options) {
        mounts.append("30 1 0:26 %s %s rw - %s x rw,%s\n".formatted(root, point, type, options));
        return file("/proc/self/mountinfo", mounts.toString());
    }

    FakeGroups mountVersion2() {
        return mount("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate");
    }

    /// A group of version 2 that is not the topmost one.
    FakeGroups group(String path, int owner, String controllers, String handedOut, String pids) {
        file(path + "/cgroup.type", "domain\n");
        return topmost(path, owner, controllers, handedOut, pids);
    }

    FakeGroups topmost(String path, int owner, String controllers, String handedOut, String pids) {
        file(path + "/cgroup.controllers", controllers + "\n");
        file(path + "/cgroup.subtree_control", handedOut + "\n");
        file(path + "/cgroup.procs", pids.replace(' ', '\n') + "\n");
        owners.put(path, owner);
        return owner == uid || uid == 0 ? writable(path) : this;
    }

    FakeGroups writable(String path) {
        writable.add(path);
        writable.add(path + "/cgroup.procs");
        writable.add(path + "/cgroup.subtree_control");
        return this;
    }

    FakeGroups readOnly(String path) {
        writable.removeIf(name -> name.startsWith(path));
        return this;
    }

    FakeGroups delegate(String path) {
        delegated.add(path);
        return this;
    }

    FakeGroups configured(String value) {
        property = value;
        return this;
    }

    CgroupHost detect() {
        return CgroupHost.detect(this);
    }

    @Override
    public Optional<String> text(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public boolean exists(String path) {
        return files.keySet().stream()
                .anyMatch(file -> file.equals(path) || file.startsWith(path + "/"));
    }

    @Override
    public String property(String name) {
        return name.equals(CgroupHost.PROPERTY) ? property : "";
    }

    @Override
    public boolean isWritable(String path) {
        return writable.contains(path);
    }

    @Override
    public OptionalInt owner(String path) {
        return owners.containsKey(path) ? OptionalInt.of(owners.get(path)) : OptionalInt.empty();
    }

    @Override
    public Optional<String> attribute(String path, String name) {
        return name.equals("delegate") && delegated.contains(path)
                ? Optional.of("1")
                : Optional.empty();
    }
}
