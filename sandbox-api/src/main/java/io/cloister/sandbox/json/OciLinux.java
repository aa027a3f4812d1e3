package io.cloister.sandbox.json;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.syscall.oci.Conversion;
import io.cloister.sandbox.syscall.oci.SeccompTarget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The part `linux` of an OCI configuration. Source: config-linux.md of the specification.
final class OciLinux {
    private static final Map<String, Namespace> NAMESPACES =
            Map.of(
                    "pid", Namespace.PID,
                    "network", Namespace.NET,
                    "mount", Namespace.MOUNT,
                    "ipc", Namespace.IPC,
                    "uts", Namespace.UTS,
                    "user", Namespace.USER,
                    "cgroup", Namespace.CGROUP,
                    "time", Namespace.TIME);

    /// "nanosecs (uint32, OPTIONAL)" - config-linux.md; a second has no more.
    private static final long MOST_NANOS = 999_999_999;

    private final Sandbox.Builder builder;
    private final OciMasks masks;
    private final List<String> notes;
    private Optional<Value> seccomp = Optional.empty();
    private boolean ownQueues = true;

    OciLinux(Sandbox.Builder builder, OciMasks masks, List<String> notes) {
        this.builder = builder;
        this.masks = masks;
        this.notes = notes;
    }

    void read(OciObject linux) {
        namespaces(linux.list("namespaces", v -> v));
        linux.each("uidMappings", map -> ids(map, true));
        linux.each("gidMappings", map -> ids(map, false));
        linux.list("maskedPaths", v -> v).forEach(masks::masked);
        linux.list("readonlyPaths", v -> v).forEach(masks::readOnly);
        linux.within("timeOffsets", this::offsets);
        linux.find("rootfsPropagation").ifPresent(value -> propagation(linux, value));
        linux.within("resources", json -> new OciResources(builder).read(json));
        linux.note("control groups are made where the sandbox's own are", "cgroupsPath");
        linux.note("kernel settings stay as they are", "sysctl");
        linux.note("/dev has null, zero, full, random, urandom and tty, and no others", "devices");
        linux.note("the sandbox has its own confinement", "mountLabel");
        linux.note("caches and memory bandwidth are not divided", "intelRdt");
        linux.note("stays that of the host", "personality");
        seccomp = linux.find("seccomp");
    }

    /// Of the kinds that are not named, those of the host are kept where that can be meant. All
    /// else is stricter with a namespace of its own.
    void namespaces(List<Value> list) {
        Set<Namespace> named = EnumSet.noneOf(Namespace.class);
        for (Value element : list) {
            OciObject json = new OciObject(element, notes);
            Value type = json.require("type");
            named.add(
                    NAMESPACES.get(
                            type.oneOf(
                                    "pid", "network", "mount", "ipc", "uts", "user", "cgroup",
                                    "time")));
            json.refuse("namespaces are made, not joined; a sandbox joins a session", "path");
            json.end();
        }
        if (!named.contains(Namespace.NET)) {
            builder.hostNet();
        }
        if (!named.contains(Namespace.IPC)) {
            builder.hostIpc();
            ownQueues = false;
        }
        if (!named.contains(Namespace.UTS)) {
            builder.hostUts();
        }
        if (!named.contains(Namespace.PID)) {
            builder.hostPid();
        }
        List<String> stricter = new ArrayList<>();
        for (String name : List.of("mount", "user", "cgroup", "time")) {
            if (!named.contains(NAMESPACES.get(name))) {
                stricter.add(name);
            }
        }
        if (!stricter.isEmpty()) {
            notes.add(
                    "linux.namespaces: new all the same, though not named: "
                            + String.join(", ", stricter));
        }
    }

    private void ids(OciObject map, boolean users) {
        long inside = map.require("containerID").number();
        long outside = map.require("hostID").number();
        long count = map.require("size").number();
        map.value()
                .checked(() ->
                        users
                                ? builder.mapUids(inside, outside, count)
                                : builder.mapGids(inside, outside, count));
    }

    private void offsets(OciObject json) {
        for (SandboxClock clock : SandboxClock.values()) {
            json.within(
                    clock.label(),
                    offset -> {
                        long seconds = offset.read("secs", Value::number, 0L);
                        long nanos = offset.read("nanosecs", Value::number, 0L);
                        if (nanos < 0 || nanos > MOST_NANOS) {
                            throw offset.require("nanosecs")
                                    .expected("a whole number from 0 to " + MOST_NANOS);
                        }
                        offset.value()
                                .checked(() ->
                                        builder.clockOffset(
                                                clock, Duration.ofSeconds(seconds, nanos)));
                    });
        }
    }

    private static void propagation(OciObject linux, Value value) {
        switch (value.oneOf(
                "private",
                "rprivate",
                "slave",
                "rslave",
                "shared",
                "rshared",
                "unbindable",
                "runbindable")) {
            case "private", "rprivate" -> {
                // As it is anyway.
            }
            case "slave", "rslave" ->
                    linux.note(value, "mounts are private, so none come from the host");
            default -> throw value.refused("mounts are private to the sandbox");
        }
    }

    /// Whether the sandbox has message queues of its own, and a file system of them.
    boolean hasOwnQueues() {
        return ownQueues;
    }

    /// Last, since a profile may depend on the capabilities.
    void seccomp() {
        seccomp.ifPresent(json -> {
            Conversion conversion =
                    json.checked(() ->
                            SeccompReader.read(json)
                                    .toPolicy(
                                            SeccompTarget.ofThisHost(
                                                    builder.spec().privileges().capabilities())));
            builder.syscalls(conversion.policy());
            conversion.notHonoured().forEach(note -> notes.add("linux.seccomp." + note));
        });
    }
}
