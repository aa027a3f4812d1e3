package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.plan.ProcessControls;
import io.cloister.sandbox.linux.plan.TestHost;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A host made of texts. It starts as an ordinary user's Linux 6.8 where everything works.
final class FakeHost implements HostView {
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private final Set<String> programs = new HashSet<>();
    private final Set<String> writable = new HashSet<>();
    private final Map<String, Integer> owners = new HashMap<>();

    private ProcessControls controls = TestHost.CONTROLS;
    private LandlockSupport landlock = LandlockSupport.of(7);

    FakeHost() {
        properties.put("os.name", "Linux");
        properties.put("os.arch", "amd64");
        properties.put("user.name", "alice");
        properties.put("java.io.tmpdir", "/tmp");
        release("6.8.0-41-generic");
        for (String kind : List.of("mnt", "pid", "net", "ipc", "uts", "user", "cgroup", "time")) {
            file("/proc/self/ns/" + kind, "");
            file("/proc/sys/user/max_" + kind + "_namespaces", "63000\n");
        }
        file("/proc/sys/kernel/seccomp/actions_avail", "kill_process trap errno log allow\n");
        file("/proc/self/mountinfo", "22 1 0:21 / /proc rw - proc proc rw\n");
        file("/proc/sys/vm/memfd_noexec", "0\n");
        file("/proc/sys/kernel/keys", "");
        file("/proc/self/limits", "Limit\nMax open files            1024  524288  files\n");
        user(1000, "0000000000000000", "0 0 4294967295");
        programs.addAll(List.of("newuidmap", "newgidmap"));
        file("/etc/subuid", "bob:100000:65536\nalice:165536:65536\n");
        file("/etc/subgid", "1000:165536:65536\n");
    }

    FakeHost release(String release) {
        return file("/proc/sys/kernel/osrelease", release + "\n");
    }

    FakeHost user(int uid, String capabilities, String map) {
        file(
                "/proc/self/status",
                "Name:\tjava\nUid:\t%1$d\t%1$d\t%1$d\t%1$d\nCapEff:\t%2$s\nSeccomp:\t0\n"
                        .formatted(uid, capabilities));
        return file("/proc/self/uid_map", "         " + map.replace(" ", "          ") + "\n");
    }

    FakeHost file(String path, String text) {
        files.put(path, text);
        return this;
    }

    FakeHost without(String path) {
        files.remove(path);
        programs.remove(path);
        return this;
    }

    /// A directory of this user, with what is in it.
    FakeHost owned(String path, int uid, String... writableFiles) {
        owners.put(path, uid);
        writable.add(path);
        for (String file : writableFiles) {
            writable.add(path + "/" + file);
        }
        return this;
    }

    FakeHost property(String name, String value) {
        properties.put(name, value);
        return this;
    }

    FakeHost controls(ProcessControls answers) {
        controls = answers;
        return this;
    }

    @Override
    public ProcessControls controls() {
        return controls;
    }

    @Override
    public Optional<String> text(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path);
    }

    @Override
    public String property(String name) {
        return properties.getOrDefault(name, "");
    }

    @Override
    public Optional<String> program(String name) {
        return programs.contains(name) ? Optional.of("/usr/bin/" + name) : Optional.empty();
    }

    FakeHost landlock(LandlockSupport support) {
        landlock = support;
        return this;
    }

    @Override
    public LandlockSupport landlock() {
        return landlock;
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
        return Optional.empty();
    }
}
