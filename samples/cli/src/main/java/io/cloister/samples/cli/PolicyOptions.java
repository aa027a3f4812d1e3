package io.cloister.samples.cli;

import static io.cloister.samples.cli.OptionValues.digits;
import static io.cloister.samples.cli.OptionValues.named;
import static io.cloister.samples.cli.OptionValues.refused;
import static io.cloister.samples.cli.OptionValues.set;
import static io.cloister.samples.cli.OptionValues.setAll;
import static io.cloister.samples.cli.OptionValues.split;

import io.cloister.samples.cli.MountArgument.BindArgument;
import io.cloister.samples.cli.MountArgument.TmpfsArgument;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The options that make a policy, in the order of the help. All are texts: what they mean is
/// checked in one place, so that every refused value ends in the same way.
final class PolicyOptions {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Start from a policy in JSON; the other options are applied on top.")
    private @Nullable String policy;

    @Option(
            names = "--oci",
            paramLabel = "BUNDLE",
            description =
                    "Start from the config.json of an OCI bundle, and run its command if none is"
                            + " given. What of it cannot be done is said.")
    private @Nullable String oci;

    @Mixin private LimitOptions limits = new LimitOptions();

    @Mixin private SyscallOptions syscalls = new SyscallOptions();

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
            names = "--tcp-bind",
            paramLabel = "PORT|none",
            description =
                    "A TCP port that may be bound, and no other; 0 for any that the kernel chooses."
                            + " Default: all. Repeatable.")
    private List<String> tcpBind = new ArrayList<>();

    @Option(
            names = "--tcp-connect",
            paramLabel = "PORT|none",
            description =
                    "A TCP port that may be connected to, and no other. Default: all. Repeatable.")
    private List<String> tcpConnect = new ArrayList<>();

    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            description = "The host name inside. Default: sandbox.")
    private @Nullable String hostName;

    @Option(names = "--uid", paramLabel = "N", description = "The user id inside. Default: 1000.")
    private @Nullable String uid;

    @Option(names = "--gid", paramLabel = "N", description = "The group id inside. Default: 1000.")
    private @Nullable String gid;

    @Option(
            names = "--cap-keep",
            paramLabel = "NAME",
            description =
                    "Let the command keep a capability such as NET_RAW, within its own user"
                            + " namespace. Repeatable.")
    private List<String> capabilities = new ArrayList<>();

    @Option(
            names = "--harden",
            paramLabel = "NAME",
            description =
                    "Add a protection: denyWriteExecute, mitigateSpeculation or coreScheduling."
                            + " Repeatable.")
    private List<String> hardenings = new ArrayList<>();

    @Option(
            names = "--seccomp",
            paramLabel = "FILE",
            description =
                    "The system calls that are open: a seccomp profile of Docker, Podman or OCI, or"
                            + " a policy of system calls, in JSON. What of a profile cannot be done"
                            + " is said. Default: those of the policy.")
    private @Nullable String seccomp;

    @Option(
            names = "--terminals",
            description =
                    "Let programs inside make terminals, as tmux or script do. `sandbox shell` has"
                            + " them anyway.")
    private boolean terminals;

    @Option(
            names = "--confined",
            description =
                    "Without namespaces: Landlock, the system-call filter and limits alone. Weaker;"
                            + " for hosts that give no namespaces.")
    private boolean confined;

    @Option(
            names = "--confined-if-needed",
            description = "As --confined, where the host gives no namespaces.")
    private boolean confinedIfNeeded;

    private final List<String> notHonoured = new ArrayList<>();
    private @Nullable OciConfig bundle;

    /// Made by picocli, which sets the fields.
    PolicyOptions() {}

    /// What was asked for, and [#spec()] could not put into the policy.
    List<String> notHonoured() {
        return List.copyOf(notHonoured);
    }

    /// The policy.
    ///
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    SandboxSpec spec() {
        return spec(UnaryOperator.identity());
    }

    /// The policy, with other defaults.
    ///
    /// @param defaults changes the strict policy; not asked where a policy was named
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    SandboxSpec spec(UnaryOperator<Sandbox.Builder> defaults) {
        notHonoured.clear();
        SandboxSpec base = base(defaults);
        Sandbox.Builder builder = base.toBuilder();
        limits.apply(builder);
        files(builder);
        surroundings(builder);
        if (confinedIfNeeded) {
            builder.confinedIfNeeded();
        }
        if (confined) {
            builder.confined();
        }
        identity(builder, base);
        privileges(builder);
        systemCalls(builder);
        syscalls.apply(builder);
        return builder.spec();
    }

    private SandboxSpec base(UnaryOperator<Sandbox.Builder> defaults) {
        if (policy != null && oci != null) {
            throw new IllegalArgumentException("--policy and --oci exclude each other");
        }
        Optional<OciConfig> config = bundle();
        if (config.isPresent()) {
            config.get().notHonoured().forEach(line -> notHonoured.add("--oci: " + line));
            return config.get().spec();
        }
        return policy == null
                ? defaults.apply(Sandbox.builder()).spec()
                : SandboxSpec.read(MountArgument.hostPath(policy));
    }

    boolean namesBundle() {
        return oci != null;
    }

    /// The bundle that was named, read once.
    Optional<OciConfig> bundle() {
        if (oci != null && bundle == null) {
            bundle = OciConfig.read(MountArgument.hostPath(oci));
        }
        return Optional.ofNullable(bundle);
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
        if (terminals) {
            builder.terminals();
        }
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
        setAll(
                "--tcp-bind",
                tcpBind,
                text -> {
                    if (text.equals("none")) {
                        builder.denyTcpBind();
                    } else {
                        builder.allowTcpBind(Integer.parseInt(digits(text)));
                    }
                });
        setAll(
                "--tcp-connect",
                tcpConnect,
                text -> {
                    if (text.equals("none")) {
                        builder.denyTcpConnect();
                    } else {
                        builder.allowTcpConnect(Integer.parseInt(digits(text)));
                    }
                });
        set("--hostname", hostName, builder::hostName);
    }

    private void privileges(Sandbox.Builder builder) {
        setAll("--cap-keep", capabilities, text -> builder.keepCapabilities(capability(text)));
        setAll(
                "--harden",
                hardenings,
                text -> builder.harden(named(text, Hardening.values(), Hardening::label)));
    }

    /// By the kernel's name, or without its beginning.
    private static Capability capability(String text) {
        String prefix = "CAP_";
        boolean whole = text.regionMatches(true, 0, prefix, 0, prefix.length());
        String name = whole ? text.substring(prefix.length()) : text;
        return named(name, Capability.values(), Capability::name);
    }

    /// Last, since a profile may depend on the capabilities.
    private void systemCalls(Sandbox.Builder builder) {
        if (seccomp != null && syscalls.namesProfile()) {
            throw new IllegalArgumentException("--seccomp and --syscalls exclude each other");
        }
        set(
                "--seccomp",
                seccomp,
                text -> {
                    SeccompFile file =
                            SeccompFile.read(
                                    MountArgument.hostPath(text),
                                    builder.spec().privileges().capabilities());
                    builder.syscalls(file.policy());
                    file.notHonoured().forEach(line -> notHonoured.add("--seccomp: " + line));
                });
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
}
