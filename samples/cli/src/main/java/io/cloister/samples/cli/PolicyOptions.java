package io.cloister.samples.cli;

import io.cloister.samples.cli.MountArgument.BindArgument;
import io.cloister.samples.cli.MountArgument.TmpfsArgument;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The options that make a policy, in the order of the help. All are texts: what they mean is
/// checked in one place, so that every refused value ends in the same way.
final class PolicyOptions {
    private static final String UNLIMITED = "unlimited";

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Start from a policy in JSON; the other options are applied on top.")
    private @Nullable String policy;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory of all processes together, such as 64m.")
    private @Nullable String memory;

    @Option(names = "--pids", paramLabel = "N", description = "Processes and threads at one time.")
    private @Nullable String pids;

    @Option(names = "--cpus", paramLabel = "N", description = "Processors, such as 0.5.")
    private @Nullable String cpus;

    @Option(
            names = "--cpu-time",
            paramLabel = "TIME",
            description = "Processor time, such as 1s or 500ms.")
    private @Nullable String cpuTime;

    @Option(
            names = "--wall-time",
            paramLabel = "TIME",
            description = "Time from start to end, or unlimited. Default: 5m.")
    private @Nullable String wallTime;

    @Option(
            names = "--output",
            paramLabel = "SIZE",
            description =
                    "Bytes on standard output, and as many on standard error, or unlimited."
                            + " Default: 16m.")
    private @Nullable String output;

    @Option(
            names = "--rlimit",
            paramLabel = "NAME=VALUE",
            description =
                    "A limit of each process: nofile=256, or nofile=256:512 for soft and hard."
                            + " Repeatable.")
    private List<String> rlimits = new ArrayList<>();

    @Option(
            names = "--ro",
            paramLabel = "PATH[:DEST]",
            description =
                    "Show a file or directory of the host, read-only; without DEST at the same"
                            + " path. Split at the last colon before a slash. Repeatable.")
    private List<String> readOnly = new ArrayList<>();

    @Option(
            names = "--rw",
            paramLabel = "PATH[:DEST]",
            description = "As --ro, and let the command change it. Repeatable.")
    private List<String> writable = new ArrayList<>();

    @Option(
            names = "--tmpfs",
            paramLabel = "DEST[:SIZE]",
            description = "A writable directory in memory. Default size: 64m. Repeatable.")
    private List<String> tmpfs = new ArrayList<>();

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "A directory of the host as /, read-only.")
    private @Nullable String root;

    @Option(
            names = "--workdir",
            paramLabel = "DIR",
            description = "The directory inside to start in. Default: /tmp.")
    private @Nullable String workDirectory;

    @Option(
            names = "--env",
            paramLabel = "NAME=VALUE",
            description = "An environment variable; none is inherited. Repeatable.")
    private List<String> environment = new ArrayList<>();

    @Option(
            names = "--net",
            paramLabel = "none|host",
            description =
                    "No network but loopback, or, which gives up the boundary, the host's."
                            + " Default: none.")
    private @Nullable String net;

    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            description = "The host name inside. Default: sandbox.")
    private @Nullable String hostName;

    @Option(names = "--uid", paramLabel = "N", description = "The user id inside. Default: 1000.")
    private @Nullable String uid;

    @Option(names = "--gid", paramLabel = "N", description = "The group id inside. Default: 1000.")
    private @Nullable String gid;

    /// Made by picocli, which sets the fields.
    PolicyOptions() {}

    /// The policy.
    ///
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    SandboxSpec spec() {
        SandboxSpec base =
                policy == null
                        ? SandboxSpec.strict()
                        : SandboxSpec.read(MountArgument.hostPath(policy));
        Sandbox.Builder builder = base.toBuilder();
        limits(builder);
        files(builder);
        surroundings(builder);
        identity(builder, base);
        return builder.spec();
    }

    private void limits(Sandbox.Builder builder) {
        set("--memory", memory, text -> builder.memoryLimit(Bytes.parse(text)));
        set("--pids", pids, text -> builder.pidsLimit(Long.parseLong(digits(text))));
        set("--cpus", cpus, text -> builder.cpus(decimal(text)));
        set("--cpu-time", cpuTime, text -> builder.cpuTimeLimit(Units.parseDuration(text)));
        set(
                "--wall-time",
                wallTime,
                text -> {
                    if (text.equals(UNLIMITED)) {
                        builder.unlimitedWallTime();
                    } else {
                        builder.wallTimeLimit(Units.parseDuration(text));
                    }
                });
        set(
                "--output",
                output,
                text -> {
                    if (text.equals(UNLIMITED)) {
                        builder.unlimitedOutput();
                    } else {
                        builder.outputLimit(Bytes.parse(text));
                    }
                });
        setAll(
                "--rlimit",
                rlimits,
                text -> {
                    String[] parts = split(text, "NAME=VALUE such as nofile=256");
                    RlimitValue value = RlimitValue.parse(parts[1]);
                    builder.rlimit(rlimit(parts[0]), value.soft(), value.hard());
                });
    }

    private void files(Sandbox.Builder builder) {
        set(
                "--root",
                root,
                text -> builder.root(MountArgument.realPath(MountArgument.hostPath(text))));
        setAll(
                "--ro",
                readOnly,
                text -> {
                    BindArgument bind = BindArgument.parse(text);
                    builder.readOnly(bind.path(), bind.destination());
                });
        setAll(
                "--rw",
                writable,
                text -> {
                    BindArgument bind = BindArgument.parse(text);
                    builder.writable(bind.path(), bind.destination());
                });
        setAll(
                "--tmpfs",
                tmpfs,
                text -> {
                    TmpfsArgument mount = TmpfsArgument.parse(text);
                    builder.tmpfs(mount.destination(), mount.size());
                });
        set("--workdir", workDirectory, builder::workDirectory);
    }

    private void surroundings(Sandbox.Builder builder) {
        setAll(
                "--env",
                environment,
                text -> {
                    String[] parts = split(text, "NAME=VALUE such as LANG=C");
                    builder.environment(parts[0], parts[1]);
                });
        set(
                "--net",
                net,
                text -> {
                    switch (text) {
                        case "none" -> builder.newNet();
                        case "host" -> builder.hostNet();
                        default -> throw refused("none or host", text);
                    }
                });
        set("--hostname", hostName, builder::hostName);
    }

    private void identity(Sandbox.Builder builder, SandboxSpec base) {
        set(
                "--uid",
                uid,
                text -> builder.user(Integer.parseInt(digits(text)), base.identity().gid()));
        set(
                "--gid",
                gid,
                text ->
                        builder.user(
                                uid == null ? base.identity().uid() : Integer.parseInt(uid),
                                Integer.parseInt(digits(text))));
    }

    private static void set(String option, @Nullable String text, Consumer<String> setter) {
        if (text != null) {
            setAll(option, List.of(text), setter);
        }
    }

    private static void setAll(String option, List<String> texts, Consumer<String> setter) {
        for (String text : texts) {
            try {
                setter.accept(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        option + ": " + refused("a number in range", text).getMessage(), e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
            }
        }
    }

    private static String digits(String text) {
        if (!text.matches("[0-9]+")) {
            throw refused("a whole number", text);
        }
        return text;
    }

    private static double decimal(String text) {
        if (!text.matches("[0-9]+(\\.[0-9]+)?")) {
            throw refused("a number such as 0.5", text);
        }
        return Double.parseDouble(text);
    }

    private static String[] split(String text, String expected) {
        String[] parts = text.split("=", 2);
        if (parts.length < 2) {
            throw refused(expected, text);
        }
        return parts;
    }

    private static Rlimit rlimit(String name) {
        return Arrays.stream(Rlimit.values())
                .filter(limit -> limit.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() ->
                        refused(
                                "one of "
                                        + Arrays.stream(Rlimit.values())
                                                .map(Rlimit::label)
                                                .collect(Collectors.joining(", ")),
                                name));
    }

    private static IllegalArgumentException refused(String expected, String text) {
        return new IllegalArgumentException("expected %s, was \"%s\"".formatted(expected, text));
    }
}
