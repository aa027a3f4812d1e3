package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.TerminalSettings;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;
import io.cloister.sandbox.syscall.oci.SeccompProfile;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A policy and a command to an OCI configuration.
final class OciWriter {
    private static final long PERIOD = 100_000;
    private static final BigInteger UNLIMITED =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private final SandboxSpec spec;
    private final Command command;
    private final List<String> unsaid = new ArrayList<>();

    OciWriter(SandboxSpec spec, Command command) {
        this.spec = spec;
        this.command = command;
    }

    List<String> unsaid() {
        return List.copyOf(unsaid);
    }

    ObjectNode json() {
        ObjectNode json = JsonText.MAPPER.createObjectNode();
        json.put("ociVersion", OciConfig.VERSION);
        ObjectNode root = json.putObject("root");
        switch (spec.filesystem().root()) {
            case RootFilesystem.MinimalHost _ -> {
                root.put("path", "rootfs").put("readonly", true);
                unsaid.add("root: the minimal view of the host must be made as rootfs");
            }
            case RootFilesystem.Directory(var path, boolean writable) -> {
                root.put("path", path.toString()).put("readonly", !writable);
                unsaid(!writable, "root.writable", "what is mounted below it stays writable");
            }
            case RootFilesystem.Empty _ -> {
                root.put("path", "rootfs").put("readonly", true);
                unsaid.add("root: the empty tree must be made as rootfs");
            }
        }
        process(json.putObject("process"));
        spec.hostName().ifPresent(name -> json.put("hostname", name));
        spec.domainName().ifPresent(name -> json.put("domainname", name));
        ArrayNode mounts = json.putArray("mounts");
        ProcFilesystem proc = spec.filesystem().proc();
        if (proc.view() != View.ABSENT) {
            mount(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        }
        unsaid(proc.view() == View.PROCESSES_ONLY, "proc.view", "the whole of /proc is shown");
        unsaid.add("scratch: writable directories such as /tmp are those of the root");
        spec.filesystem().mounts().forEach(each -> mount(mounts, each));
        linux(json.putObject("linux"), proc);
        NetworkPolicy network = spec.network();
        unsaid(!network.equals(NetworkPolicy.allPorts()), "network", "all TCP ports are open");
        unsaid(
                !spec.privileges().hardenings().isEmpty(),
                "privileges.harden",
                "there is no such protection");
        unsaid(
                spec.isolation() != Isolation.NAMESPACES,
                "isolation",
                "there are always namespaces");
        return json;
    }

    private void unsaid(boolean holds, String path, String reason) {
        if (holds) {
            unsaid.add(path + ": " + reason);
        }
    }

    private void process(ObjectNode json) {
        json.put("terminal", command.terminal().isPresent());
        command.terminal()
                .ifPresent(terminal ->
                        json.putObject("consoleSize")
                                .put("height", terminal.size().rows())
                                .put("width", terminal.size().columns()));
        ObjectNode user = json.putObject("user");
        user.put("uid", command.user().map(who -> who.uid()).orElse(spec.identity().uid()));
        user.put("gid", command.user().map(who -> who.gid()).orElse(spec.identity().gid()));
        user.put("umask", spec.umask());
        ArrayNode groups = user.putArray("additionalGids");
        command.user()
                .map(who -> who.groups())
                .orElse(spec.identity().groups())
                .forEach(groups::add);
        ArrayNode args = json.putArray("args").add(command.program());
        command.arguments().forEach(args::add);
        unsaid(command.argv0().isPresent(), "command.argv0", "it is the program");
        unsaid(
                command.terminal().filter(TerminalSettings::raw).isPresent(),
                "command.terminal.raw",
                "the runtime chooses the mode");
        String streams = "it is what the runtime has there";
        unsaid(
                command.stdin().filter(in -> !(in instanceof Input.Inherit)).isPresent(),
                "command.stdin",
                streams);
        unsaid(isRedirected(command.stdout()), "command.stdout", streams);
        unsaid(isRedirected(command.stderr()), "command.stderr", streams);
        unsaid(
                !command.descriptors().isEmpty() || !command.outputFiles().isEmpty(),
                "command",
                "descriptors and files to collect are the runtime's affair");
        Map<String, String> variables = new LinkedHashMap<>(spec.environment());
        variables.putAll(command.environment());
        ArrayNode env = json.putArray("env");
        variables.forEach((name, value) -> env.add(name + "=" + value));
        json.put("cwd", command.workDirectory().orElse(spec.workDirectory()));
        ObjectNode sets = json.putObject("capabilities");
        for (String set : List.of("bounding", "effective", "inheritable", "permitted", "ambient")) {
            ArrayNode names = sets.putArray(set);
            spec.privileges().capabilities().forEach(each -> names.add(each.label()));
        }
        ArrayNode rlimits = json.putArray("rlimits");
        spec.limits()
                .rlimits()
                .forEach((limit, value) ->
                        rlimits.addObject()
                                .put("type", "RLIMIT_" + limit.label().toUpperCase(Locale.ROOT))
                                .put("soft", rlimit(value.soft()))
                                .put("hard", rlimit(value.hard())));
        json.put("noNewPrivileges", true);
    }

    private static boolean isRedirected(Optional<Output> output) {
        return output.filter(out -> !(out instanceof Output.Inherit)).isPresent();
    }

    private static BigInteger rlimit(long value) {
        return value < 0 ? UNLIMITED : BigInteger.valueOf(value);
    }

    private void mount(ArrayNode json, Mount mount) {
        String destination = mount.destination();
        switch (mount) {
            case Bind bind when bind.source() instanceof BindSource.HostPath(var path) -> {
                List<String> options = new ArrayList<>(List.of("rbind"));
                refuse(options, "nosuid");
                permit(options, bind.writable(), "rw", "ro");
                permit(options, bind.devices(), "dev", "nodev");
                permit(options, bind.executable(), "exec", "noexec");
                if (!bind.followSymlinks()) {
                    refuse(options, "nosymfollow");
                }
                mount(json, destination, "bind", path.toString(), options.toArray(String[]::new));
                unsaid(bind.optional(), "mounts[" + destination + "].optional", "it must exist");
            }
            case Tmpfs tmpfs ->
                    mount(
                            json,
                            destination,
                            "tmpfs",
                            "tmpfs",
                            "nosuid",
                            "nodev",
                            "size=" + tmpfs.size().value(),
                            "nr_inodes=" + tmpfs.inodes(),
                            "mode=%o".formatted(tmpfs.mode()));
            case Terminals _ ->
                    mount(
                            json,
                            destination,
                            "devpts",
                            "devpts",
                            "nosuid",
                            "noexec",
                            "newinstance",
                            "ptmxmode=0666",
                            "mode=0620");
            default ->
                    unsaid.add(
                            "mounts["
                                    + destination
                                    + "]: a file, link, directory or descriptor must be put into"
                                    + " the root");
        }
    }

    private static void permit(
            List<String> options, boolean permitted, String option, String refusal) {
        if (permitted) {
            options.add(option);
        } else {
            refuse(options, refusal);
        }
    }

    /// By itself an option is for the top mount alone; with `r` in front it is for those below the
    /// source as well. Source: "Linux mount options" in config.md of the specification.
    private static void refuse(List<String> options, String option) {
        options.add(option);
        options.add("r" + option);
    }

    private static void mount(
            ArrayNode json, String destination, String type, String source, String... options) {
        ObjectNode mount = json.addObject();
        mount.put("destination", destination).put("type", type).put("source", source);
        ArrayNode words = mount.putArray("options");
        for (String option : options) {
            words.add(option);
        }
    }

    private void linux(ObjectNode json, ProcFilesystem proc) {
        ArrayNode namespaces = json.putArray("namespaces");
        for (Namespace namespace : spec.newNamespaces()) {
            String type = namespace == Namespace.NET ? "network" : namespace.label();
            namespaces.addObject().put("type", type);
        }
        ids(json, "uidMappings", spec.identity().uidMap());
        ids(json, "gidMappings", spec.identity().gidMap());
        unsaid(
                spec.newNamespaces().contains(Namespace.USER) && spec.identity().uidMap().isEmpty(),
                "user.uidMap",
                "the host's choice; runtimes want linux.uidMappings");
        if (!spec.clockOffsets().isEmpty()) {
            ObjectNode offsets = json.putObject("timeOffsets");
            spec.clockOffsets()
                    .forEach((clock, offset) ->
                            offsets.putObject(clock.label())
                                    .put("secs", offset.getSeconds())
                                    .put("nanosecs", offset.getNano()));
        }
        if (proc.view() != View.ABSENT) {
            ArrayNode masked = json.putArray("maskedPaths");
            proc.masked().forEach(masked::add);
            ArrayNode readOnly = json.putArray("readonlyPaths");
            proc.readOnly().forEach(readOnly::add);
        }
        resources(json.putObject("resources"), spec.limits());
        try {
            json.set("seccomp", SeccompWriter.write(SeccompProfile.of(spec.syscalls())));
        } catch (IllegalArgumentException e) {
            unsaid.add("syscalls: no linux.seccomp is written: " + e.getMessage());
        }
    }

    private static void ids(ObjectNode json, String name, List<IdRange> ranges) {
        if (!ranges.isEmpty()) {
            ArrayNode array = json.putArray(name);
            ranges.forEach(range ->
                    array.addObject()
                            .put("containerID", range.inside())
                            .put("hostID", range.outside())
                            .put("size", range.count()));
        }
    }

    private void resources(ObjectNode json, ResourceLimits limits) {
        ObjectNode memory = json.putObject("memory");
        memory.put("limit", limits.memory().map(Bytes::value).orElse(-1L));
        limits.swap()
                .filter(_ -> limits.memory().isPresent())
                .ifPresentOrElse(
                        swap ->
                                memory.put(
                                        "swap",
                                        limits.memory().orElseThrow().value() + swap.value()),
                        () -> memory.put("swap", -1));
        unsaid(
                limits.swap().isPresent() && limits.memory().isEmpty(),
                "limits.swap",
                "it cannot be limited without memory");
        limits.memoryHigh()
                .ifPresent(size -> json.putObject("unified").put("memory.high", "" + size.value()));
        json.putObject("pids").put("limit", limits.pids().orElse(-1L));
        ObjectNode cpu = json.putObject("cpu");
        limits.cpus()
                .ifPresent(count ->
                        cpu.put("quota", Math.round(count * PERIOD)).put("period", PERIOD));
        limits.cpuBurst().ifPresent(time -> cpu.put("burst", time.toNanos() / 1000));
        limits.cpuWeight()
                .ifPresent(weight -> cpu.put("shares", 2 + (weight - 1) * 262_142L / 9999));
        limits.cpuset().ifPresent(list -> cpu.put("cpus", list));
        limits.memoryNodes().ifPresent(list -> cpu.put("mems", list));
        if (limits.ioWeight().isPresent()) {
            json.putObject("blockIO")
                    .put("weight", 10 + (limits.ioWeight().get() - 1) * 990L / 9999);
        }
        for (DeviceIo io : limits.io()) {
            unsaid.add("limits.io[" + io.device() + "]: the numbers of the device are not known");
        }
        if (!limits.hugePages().isEmpty()) {
            ArrayNode pages = json.putArray("hugepageLimits");
            limits.hugePages()
                    .forEach((page, size) ->
                            pages.addObject()
                                    .put("pageSize", page(page))
                                    .put("limit", size.value()));
        }
        unsaid(limits.cpuTime().isPresent(), "limits.cpuTime", "processor time is not limited");
        unsaid(limits.wallTime().isPresent(), "limits.wallTime", "time is not limited");
        unsaid(limits.idleTime().isPresent(), "limits.idleTime", "time is not limited");
        unsaid(limits.extraTime().isPresent(), "limits.extraTime", "time is not limited");
        unsaid(limits.output().isPresent(), "limits.output", "output is not limited");
        unsaid(!limits.bestEffort().isEmpty(), "limits.bestEffort", "all limits are required");
    }

    /// As the kernel names its files: `64KB`, `2MB`, `1GB`.
    private static String page(Bytes size) {
        long kib = size.value() >> 10;
        if (kib < 1024) {
            return kib + "KB";
        }
        return kib < 1 << 20 ? (kib >> 10) + "MB" : (kib >> 20) + "GB";
    }
}
