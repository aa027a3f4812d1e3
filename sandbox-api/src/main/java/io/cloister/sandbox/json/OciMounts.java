package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The mounts of an OCI configuration.
final class OciMounts {
    private static final String QUEUES = "/dev/mqueue";
    private static final Bytes DEFAULT_TMPFS = Bytes.mebibytes(64);

    private final Path bundle;
    private final Sandbox.Builder builder;
    private final List<String> notes;
    private final List<Mount> mounts = new ArrayList<>();
    private final List<Value> queues = new ArrayList<>();
    private View view = View.ABSENT;

    /// Whether it was said that `/dev` is the sandbox's own.
    private boolean devices;

    OciMounts(Path bundle, Sandbox.Builder builder, List<String> notes) {
        this.bundle = bundle;
        this.builder = builder;
        this.notes = notes;
    }

    void read(OciObject json) {
        Value at = json.require("destination");
        String destination = at.text();
        Set<String> options = new LinkedHashSet<>(json.list("options", Value::text));
        String type = json.read("type", Value::text, "none");
        json.refuse("ids of mounts are not mapped", "uidMappings", "gidMappings");
        if (options.contains("bind") || options.contains("rbind")) {
            type = "bind";
        }
        boolean bind = type.equals("bind");
        if (!bind) {
            // Of the others it is a name alone.
            json.find("source");
        }
        if (options.contains("bind") && !options.contains("rbind")) {
            json.note(
                    json.require("options"),
                    "bind: what is mounted below the source is shown as well, as with rbind");
        }
        drop(options, "bind", "rbind");
        switch (type) {
            case "bind" -> mount(at, bind(json.require("source"), destination, options));
            case "tmpfs" -> tmpfs(json, at, options);
            case "proc" -> {
                if (!destination.equals("/proc")) {
                    throw at.refused("proc can only be at /proc");
                }
                view = View.FULL;
                drop(options, "nosuid", "noexec", "nodev");
            }
            case "devpts" -> {
                if (!destination.equals(Terminals.DESTINATION)) {
                    throw at.refused("devpts can only be at " + Terminals.DESTINATION);
                }
                mount(at, new Terminals());
                drop(options, "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620");
            }
            case "sysfs" -> note(json, options, "not mounted, since it tells of the host");
            case "cgroup", "cgroup2" -> note(json, options, "control groups are not shown inside");
            case "mqueue" -> {
                queues.add(json.value());
                options.clear();
            }
            default ->
                    throw json.require("type")
                            .refused(
                                    "expected bind, tmpfs, proc, devpts, sysfs, cgroup or mqueue,"
                                            + " was \""
                                            + type
                                            + '"');
        }
        for (String option : options) {
            option(json, option, type);
        }
    }

    private void note(OciObject json, Set<String> options, String reason) {
        json.note(json.value(), reason);
        options.clear();
    }

    private static void drop(Set<String> options, String... honoured) {
        options.removeAll(List.of(honoured));
    }

    private void mount(Value at, Mount mount) {
        at.checked(() -> builder.mount(mount));
        mounts.add(mount);
    }

    private Bind bind(Value source, String destination, Set<String> options) {
        Path path = source.checked(() -> bundle.resolve(source.text()).normalize());
        // Of those that contradict each other the stricter holds, and each holds for what is
        // mounted below the source as well.
        boolean writable = hasNone(options, "ro", "rro");
        boolean executable = hasNone(options, "noexec", "rnoexec");
        boolean working = options.contains("dev") && hasNone(options, "nodev", "rnodev");
        boolean follow = hasNone(options, "nosymfollow", "rnosymfollow");
        drop(options, "ro", "rro", "rw", "noexec", "rnoexec", "exec", "dev", "nodev", "rnodev");
        drop(options, "nosuid", "rnosuid", "nosymfollow", "rnosymfollow", "symfollow");
        return source.checked(() ->
                new Bind(
                        new BindSource.HostPath(path),
                        destination,
                        writable,
                        false,
                        executable,
                        working,
                        follow));
    }

    private static boolean hasNone(Set<String> options, String... refused) {
        return Collections.disjoint(options, List.of(refused));
    }

    private void tmpfs(OciObject json, Value at, Set<String> options) {
        if (at.text().equals("/dev")) {
            note(
                    json,
                    options,
                    "/dev is the sandbox's own, with null, zero, full, random, urandom"
                            + " and tty");
            devices = true;
            return;
        }
        String destination = at.text();
        at.checked(() -> new Tmpfs(destination, DEFAULT_TMPFS));
        Bytes size = DEFAULT_TMPFS;
        long inodes = Tmpfs.DEFAULT_INODES;
        int mode = 01777;
        for (String option : List.copyOf(options)) {
            String[] words = option.split("=", 2);
            String value = words.length == 2 ? words[1] : "";
            Value all = json.require("options");
            switch (words[0]) {
                case "size" -> size = all.checked(() -> Bytes.parse(value));
                // It may end with k, m or g - tmpfs(5).
                case "nr_inodes" -> inodes = all.checked(() -> Bytes.parse(value).value());
                case "mode" -> mode = all.checked(() -> octal(option, value));
                case "nosuid", "nodev", "rw" -> {
                    // As it is anyway.
                }
                default -> {
                    continue;
                }
            }
            options.remove(option);
        }
        Bytes room = size;
        long files = inodes;
        int bits = mode;
        Value blamed = json.find("options").orElse(at);
        mount(at, blamed.checked(() -> new Tmpfs(destination, room, files, bits)));
    }

    private static int octal(String option, String value) {
        if (!value.matches("[0-7]{1,5}")) {
            throw new IllegalArgumentException(
                    "expected a mode such as mode=1777, was \"" + option + '"');
        }
        return Integer.parseInt(value, 8);
    }

    /// What is left when the mount has taken what it honours.
    private static void option(OciObject json, String option, String type) {
        Value options = json.require("options");
        switch (option) {
            case "private", "rprivate", "defaults", "async", "rw" -> {
                // As it is anyway.
            }
            case "shared", "rshared", "unbindable", "runbindable", "idmap", "ridmap" ->
                    throw options.refused(option + ": mounts are private to the sandbox");
            case "slave", "rslave" ->
                    json.note(options, option + ": mounts are private, so none come from the host");
            case "suid" -> json.note(options, "suid: always nosuid");
            default -> json.note(options, option + ": not done for a mount of the type " + type);
        }
    }

    /// What is made of all of them, in their order.
    List<Mount> mounts() {
        return List.copyOf(mounts);
    }

    /// Whether there is a `/proc`.
    View view() {
        return view;
    }

    /// Says what depends on other mounts and on the namespaces.
    ///
    /// @param ownQueues whether message queues are the sandbox's own
    void end(boolean ownQueues) {
        for (Value queue : queues) {
            boolean there = queue.at("destination").text().equals(QUEUES);
            notes.add(
                    queue.path()
                            + ": "
                            + (!ownQueues || isTaken("/dev")
                                    ? "there is no file system of message queues"
                                    : (there ? "" : "not mounted there; ")
                                            + QUEUES
                                            + " is the sandbox's own"));
        }
        List<String> covered = new ArrayList<>(List.of("/tmp", "/dev", "/dev/shm"));
        covered.removeIf(path -> isTaken(path) || path.startsWith("/dev") && isTaken("/dev"));
        if (devices) {
            covered.remove("/dev");
        }
        if (!covered.isEmpty()) {
            notes.add(
                    "root.path: covered by file systems of the sandbox's own, empty at its start"
                            + " and gone with it: "
                            + String.join(", ", covered));
        }
    }

    private boolean isTaken(String destination) {
        return mounts.stream().anyMatch(mount -> mount.destination().equals(destination));
    }
}
