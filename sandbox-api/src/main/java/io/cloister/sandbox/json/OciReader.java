package io.cloister.sandbox.json;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RootFilesystem;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// An OCI configuration to a policy and a command: the part that is alike on all systems. Source:
/// config.md of the OCI runtime specification.
final class OciReader {
    /// The first three decide for user 0, all for others.
    private static final List<String> CAPABILITY_SETS =
            List.of("effective", "permitted", "bounding", "inheritable", "ambient");

    private final Path bundle;
    private final List<String> notes = new ArrayList<>();
    private final Sandbox.Builder builder = Sandbox.builder();

    /// Without a user it is another one.
    private boolean isRoot;

    OciReader(Path bundle) {
        this.bundle = bundle;
    }

    OciConfig read(Value json) {
        OciObject config = new OciObject(json, notes);
        Value version = config.require("ociVersion");
        if (!version.text().matches("1\\.[0-9]+\\.[0-9]+.*")) {
            throw version.expected("a version such as \"1.2.0\"");
        }
        config.refuse(
                "only configurations for Linux can be run", "windows", "solaris", "vm", "zos");
        config.refuse(
                "programs of the host are not run; run them before and after the sandbox", "hooks");
        config.note("not used", "annotations");
        RootFilesystem.Directory root = root(config.require("root"));
        OciMounts mounts = new OciMounts(bundle, builder, notes);
        config.each("mounts", mounts::read);
        OciMasks masks = new OciMasks(builder, notes);
        OciLinux linux = new OciLinux(builder, masks, notes);
        config.within("linux", linux::read);
        if (config.find("linux").isEmpty()) {
            linux.namespaces(List.of());
        }
        config.find("hostname")
                .filter(name -> !name.text().isEmpty())
                .ifPresent(name -> name.checked(() -> builder.hostName(name.text())));
        config.find("domainname")
                .filter(name -> !name.text().isEmpty())
                .ifPresent(name -> name.checked(() -> builder.domainName(name.text())));
        List<Command> commands = new ArrayList<>();
        OciObject process = new OciObject(config.require("process"), notes);
        commands.add(process(process));
        process.end();
        // They look at the namespaces, at the mounts and at the capabilities.
        mounts.end(linux.hasOwnQueues());
        masks.end(root, mounts);
        linux.seccomp();
        config.end();
        return new OciConfig(json.checked(builder::spec), commands.getFirst(), notes);
    }

    private RootFilesystem.Directory root(Value json) {
        OciObject root = new OciObject(json, notes);
        Value path = root.require("path");
        boolean readOnly = root.read("readonly", Value::flag, false);
        Path directory = path.checked(() -> bundle.resolve(path.text()).normalize());
        path.checked(() -> readOnly ? builder.root(directory) : builder.writableRoot(directory));
        root.end();
        return new RootFilesystem.Directory(directory, !readOnly);
    }

    private Command process(OciObject process) {
        process.refuse("only configurations for Linux can be run", "commandLine");
        Value args = process.require("args");
        Command command = args.checked(() -> Command.of(args.list(Value::text)));
        environment(process);
        Value directory = process.require("cwd");
        directory.checked(() -> builder.workDirectory(directory.text()));
        TerminalSize[] size = {TerminalSize.standard()};
        process.within(
                "consoleSize",
                console -> {
                    int rows = console.require("height").integer();
                    int columns = console.require("width").integer();
                    size[0] = console.value().checked(() -> TerminalSize.of(columns, rows));
                });
        if (process.read("terminal", Value::flag, false)) {
            command = command.terminal(size[0]);
        }
        process.within("user", this::user);
        process.within("capabilities", this::capabilities);
        process.each("rlimits", this::rlimit);
        if (!process.read("noNewPrivileges", Value::flag, true)) {
            notes.add("process.noNewPrivileges: always true");
        }
        process.note("left as it is, out of the sandbox's hands", "oomScoreAdj");
        process.note("the sandbox has its own confinement", "apparmorProfile", "selinuxLabel");
        process.note(
                "left as it is; limits.cpuWeight and limits.ioWeight are near",
                "scheduler",
                "ioPriority");
        process.note("left as it is; linux.resources.cpu.cpus is near", "execCPUAffinity");
        return command;
    }

    private void environment(OciObject process) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Value line : process.list("env", v -> v)) {
            int split = line.text().indexOf('=');
            if (split < 1) {
                throw line.refused("expected NAME=VALUE");
            }
            variables.put(line.text().substring(0, split), line.text().substring(split + 1));
        }
        process.value().checked(() -> builder.onlyEnvironment(variables));
    }

    private void user(OciObject user) {
        int uid = user.require("uid").id();
        int gid = user.require("gid").id();
        isRoot = uid == 0;
        List<Integer> groups = user.list("additionalGids", Value::id);
        user.refuse("only configurations for Linux can be run", "username");
        user.value()
                .checked(() ->
                        builder.user(uid, gid).groups(groups.stream().mapToInt(i -> i).toArray()));
        user.find("umask").ifPresent(umask -> umask.checked(() -> builder.umask(umask.integer())));
    }

    /// What a program has once it is executed: a user other than 0 takes along what is ambient
    /// alone, and that has to be permitted and inheritable. Source: capabilities(7),
    /// "Transformation of capabilities during execve()".
    private void capabilities(OciObject sets) {
        Map<String, Set<Capability>> all = new LinkedHashMap<>();
        for (String name : CAPABILITY_SETS) {
            Set<Capability> named = EnumSet.noneOf(Capability.class);
            named.addAll(sets.list(name, OciReader::capability));
            all.put(name, named);
        }
        List<String> needed = isRoot ? CAPABILITY_SETS.subList(0, 3) : CAPABILITY_SETS;
        Set<Capability> kept = EnumSet.allOf(Capability.class);
        needed.forEach(name -> kept.retainAll(all.get(name)));
        builder.keepCapabilities(kept.toArray(Capability[]::new));
        all.forEach((name, named) -> {
            named.removeAll(kept);
            if (!named.isEmpty()) {
                notes.add(
                        sets.value().at(name).path()
                                + ": not kept, since "
                                + (isRoot ? "user 0" : "a user other than 0")
                                + " has what stands in all of "
                                + String.join(", ", needed)
                                + ": "
                                + String.join(
                                        ", ", named.stream().map(Capability::label).toList()));
            }
        });
    }

    private static Capability capability(Value json) {
        return json.oneOf(Capability.values(), Capability::label);
    }

    private void rlimit(OciObject json) {
        List<String> known =
                Arrays.stream(Rlimit.values())
                        .map(limit -> "RLIMIT_" + limit.label().toUpperCase(Locale.ROOT))
                        .toList();
        String name = json.require("type").oneOf(known.toArray(String[]::new));
        Rlimit limit = Rlimit.values()[known.indexOf(name)];
        long soft = rlimit(json.require("soft"));
        long hard = rlimit(json.require("hard"));
        json.value().checked(() -> builder.rlimit(limit, soft, hard));
    }

    private static long rlimit(Value json) {
        long bits = json.unsigned();
        // All bits are set in what is written for none.
        if (bits < -1) {
            throw json.expected("a limit up to " + Long.MAX_VALUE + ", or 2^64 - 1 for none");
        }
        return bits;
    }
}
