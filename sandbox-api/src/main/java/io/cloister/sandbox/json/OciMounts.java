package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The mounts of an OCI configuration, and what of `/proc` is masked.
final class OciMounts {
    private static final Bytes DEFAULT_TMPFS = Bytes.mebibytes(64);

    private final Path bundle;
    private final Sandbox.Builder builder;
    private final List<String> notes;
    private View view = View.ABSENT;
    private final List<String> masked = new ArrayList<>();
    private final List<String> readOnly = new ArrayList<>();

    OciMounts(Path bundle, Sandbox.Builder builder, List<String> notes) {
        this.bundle = bundle;
        this.builder = builder;
        this.notes = notes;
    }

    void read(OciObject json) {
        Value at = json.require("destination");
        String destination = at.text();
        Set<String> options = new HashSet<>(json.list("options", Value::text));
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
        options.remove("bind");
        // A bind covers what is mounted below its source as well.
        options.remove("rbind");
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
            case "sysfs" -> note(json, options, "there is no /sys, which tells of the host");
            case "cgroup", "cgroup2" -> note(json, options, "control groups are not shown inside");
            case "mqueue" -> note(json, options, "there is no file system of message queues");
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
    }

    private Bind bind(Value source, String destination, Set<String> options) {
        Path path = source.checked(() -> bundle.resolve(source.text()).normalize());
        boolean writable = !options.contains("ro") && !options.contains("rro");
        boolean executable = !options.contains("noexec");
        boolean devices = options.contains("dev");
        boolean follow = !options.contains("nosymfollow");
        drop(options, "ro", "rro", "rw", "noexec", "exec", "dev", "nodev", "nosuid");
        drop(options, "nosymfollow", "symfollow");
        return source.checked(() ->
                new Bind(
                        new BindSource.HostPath(path),
                        destination,
                        writable,
                        false,
                        executable,
                        devices,
                        follow));
    }

    private void tmpfs(OciObject json, Value at, Set<String> options) {
        if (at.text().equals("/dev")) {
            note(
                    json,
                    options,
                    "/dev is the sandbox's own, with null, zero, full, random, urandom"
                            + " and tty");
            return;
        }
        Bytes size = DEFAULT_TMPFS;
        long inodes = Tmpfs.DEFAULT_INODES;
        int mode = 01777;
        for (String option : List.copyOf(options)) {
            String[] words = option.split("=", 2);
            String value = words.length == 2 ? words[1] : "";
            switch (words[0]) {
                case "size" -> size = json.value().checked(() -> Bytes.parse(value));
                case "nr_inodes" -> inodes = Long.parseLong(value);
                case "mode" -> mode = Integer.parseInt(value, 8);
                case "nosuid", "nodev", "rw" -> {
                    // As it is anyway.
                }
                default -> {
                    continue;
                }
            }
            options.remove(option);
        }
        mount(at, new Tmpfs(at.text(), size, inodes, mode));
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

    void masked(Value path) {
        add(path, masked, "masked");
    }

    void readOnly(Value path) {
        add(path, readOnly, "read-only");
    }

    private void add(Value path, List<String> paths, String how) {
        String text = path.text();
        if (text.startsWith("/proc/")) {
            if (!masked.contains(text) && !readOnly.contains(text)) {
                paths.add(text);
            }
        } else if (!text.equals("/sys") && !text.startsWith("/sys/")) {
            throw path.refused(
                    "only paths of /proc and /sys can be made %s, was \"%s\"".formatted(how, text));
        }
    }

    /// Without masks those of the sandbox stay: a configuration that names none is not a wish to
    /// see the host.
    void end() {
        ProcFilesystem standard = ProcFilesystem.standard();
        ProcFilesystem proc = standard.view(view);
        for (String path : masked) {
            proc = proc.hide(path);
        }
        for (String path : readOnly) {
            proc = proc.protect(path);
        }
        builder.proc(view == View.ABSENT ? standard.view(View.ABSENT) : proc);
        if (view == View.ABSENT && !(masked.isEmpty() && readOnly.isEmpty())) {
            notes.add("linux.maskedPaths: there is no /proc, as no mount asks for it");
        }
    }
}
