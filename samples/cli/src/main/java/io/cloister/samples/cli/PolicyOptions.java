package io.cloister.samples.cli;

import static io.cloister.samples.cli.OptionValues.digits;
import static io.cloister.samples.cli.OptionValues.named;
import static io.cloister.samples.cli.OptionValues.refused;
import static io.cloister.samples.cli.OptionValues.set;
import static io.cloister.samples.cli.OptionValues.setAll;
import static io.cloister.samples.cli.OptionValues.split;
import static io.cloister.samples.cli.Options.isGiven;
import static io.cloister.samples.cli.Options.isSet;

import io.cloister.samples.cli.MountArgument.BindArgument;
import io.cloister.samples.cli.MountArgument.TmpfsArgument;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The options that make a policy, in the order of the help. All are texts: what they mean is
/// checked in one place, so that every refused value ends in the same way.
final class PolicyOptions {
    private final OptionSpec policy =
            Options.text(
                    "--policy",
                    "FILE",
                    "Start from a policy in JSON; the other options are applied on top.");

    private final OptionSpec oci =
            Options.text(
                    "--oci",
                    "BUNDLE",
                    "Start from the config.json of an OCI bundle, and run its command if none is"
                            + " given. What of it cannot be done is said.");

    private final LimitOptions limits = new LimitOptions();

    private final SyscallOptions syscalls = new SyscallOptions();

    private final OptionSpec readOnly =
            Options.texts(
                    "--ro",
                    "PATH[:DEST]",
                    "Show a file or directory of the host, read-only; without DEST at the same"
                            + " path. Split at the last colon before a slash. Repeatable.");

    private final OptionSpec writable =
            Options.texts(
                    "--rw", "PATH[:DEST]", "As --ro, and let the command change it. Repeatable.");

    private final OptionSpec tmpfs =
            Options.texts(
                    "--tmpfs",
                    "DEST[:SIZE]",
                    "A writable directory in memory. Default size: 64m. Repeatable.");

    private final OptionSpec root =
            Options.text("--root", "DIR", "A directory of the host as /, read-only.");

    private final OptionSpec workDirectory =
            Options.text("--workdir", "DIR", "The directory inside to start in. Default: /tmp.");

    private final OptionSpec environment =
            Options.texts(
                    "--env",
                    "NAME=VALUE",
                    "An environment variable; none is inherited. Repeatable.");

    private final OptionSpec net =
            Options.text(
                    "--net",
                    "none|host",
                    "No network but loopback, or, which gives up the boundary, the host's."
                            + " Default: none.");

    private final OptionSpec tcpBind =
            Options.texts(
                    "--tcp-bind",
                    "PORT|none",
                    "A TCP port that may be bound, and no other; 0 for any that the kernel chooses."
                            + " Default: all. Repeatable.");

    private final OptionSpec tcpConnect =
            Options.texts(
                    "--tcp-connect",
                    "PORT|none",
                    "A TCP port that may be connected to, and no other. Default: all. Repeatable.");

    private final OptionSpec hostName =
            Options.text("--hostname", "NAME", "The host name inside. Default: sandbox.");

    private final OptionSpec uid = Options.text("--uid", "N", "The user id inside. Default: 1000.");

    private final OptionSpec gid =
            Options.text("--gid", "N", "The group id inside. Default: 1000.");

    private final OptionSpec capabilities =
            Options.texts(
                    "--cap-keep",
                    "NAME",
                    "Let the command keep a capability such as NET_RAW, within its own user"
                            + " namespace. Repeatable.");

    private final OptionSpec hardenings =
            Options.texts(
                    "--harden",
                    "NAME",
                    "Add a protection: denyWriteExecute, mitigateSpeculation or coreScheduling."
                            + " Repeatable.");

    private final OptionSpec seccomp =
            Options.text(
                    "--seccomp",
                    "FILE",
                    "The system calls that are open: a seccomp profile of Docker, Podman or OCI, or"
                            + " a policy of system calls, in JSON. What of a profile cannot be done"
                            + " is said. Default: those of the policy.");

    private final OptionSpec terminals =
            Options.flag(
                    "--terminals",
                    "Let programs inside make terminals, as tmux or script do. `sandbox shell` has"
                            + " them anyway.");

    private final OptionSpec confined =
            Options.flag(
                    "--confined",
                    "Without namespaces: Landlock, the system-call filter and limits alone. Weaker;"
                            + " for hosts that give no namespaces.");

    private final OptionSpec confinedIfNeeded =
            Options.flag(
                    "--confined-if-needed", "As --confined, where the host gives no namespaces.");

    private final List<String> notHonoured = new ArrayList<>();
    private @Nullable OciConfig bundle;

    /// Adds them to a command, in the order of the help.
    void addTo(CommandSpec command) {
        command.addOption(policy).addOption(oci);
        limits.addTo(command);
        syscalls.addTo(command);
        List.of(
                        readOnly,
                        writable,
                        tmpfs,
                        root,
                        workDirectory,
                        environment,
                        net,
                        tcpBind,
                        tcpConnect,
                        hostName,
                        uid,
                        gid,
                        capabilities,
                        hardenings,
                        seccomp,
                        terminals,
                        confined,
                        confinedIfNeeded)
                .forEach(command::addOption);
    }

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
        if (isSet(confinedIfNeeded)) {
            builder.confinedIfNeeded();
        }
        if (isSet(confined)) {
            builder.confined();
        }
        identity(builder, base);
        privileges(builder);
        systemCalls(builder);
        syscalls.apply(builder);
        return builder.spec();
    }

    private SandboxSpec base(UnaryOperator<Sandbox.Builder> defaults) {
        if (isGiven(policy) && isGiven(oci)) {
            throw new IllegalArgumentException("--policy and --oci exclude each other");
        }
        Optional<OciConfig> config = bundle();
        if (config.isPresent()) {
            config.get().notHonoured().forEach(line -> notHonoured.add("--oci: " + line));
            return config.get().spec();
        }
        return Options.<String>given(policy)
                .map(file -> SandboxSpec.read(MountArgument.hostPath(file)))
                .orElseGet(() -> defaults.apply(Sandbox.builder()).spec());
    }

    boolean namesBundle() {
        return isGiven(oci);
    }

    /// The bundle that was named, read once.
    Optional<OciConfig> bundle() {
        if (isGiven(oci) && bundle == null) {
            bundle = OciConfig.read(MountArgument.hostPath(oci.getValue()));
        }
        return Optional.ofNullable(bundle);
    }

    private void files(Sandbox.Builder builder) {
        set(root, text -> builder.root(MountArgument.realPath(MountArgument.hostPath(text))));
        setAll(
                readOnly,
                text -> {
                    BindArgument bind = BindArgument.parse(text);
                    builder.readOnly(bind.path(), bind.destination());
                });
        setAll(
                writable,
                text -> {
                    BindArgument bind = BindArgument.parse(text);
                    builder.writable(bind.path(), bind.destination());
                });
        setAll(
                tmpfs,
                text -> {
                    TmpfsArgument mount = TmpfsArgument.parse(text);
                    builder.tmpfs(mount.destination(), mount.size());
                });
        if (isSet(terminals)) {
            builder.terminals();
        }
        set(workDirectory, builder::workDirectory);
    }

    private void surroundings(Sandbox.Builder builder) {
        setAll(
                environment,
                text -> {
                    String[] parts = split(text, "NAME=VALUE such as LANG=C");
                    builder.environment(parts[0], parts[1]);
                });
        set(
                net,
                text -> {
                    switch (text) {
                        case "none" -> builder.newNet();
                        case "host" -> builder.hostNet();
                        default -> throw refused("none or host", text);
                    }
                });
        setAll(
                tcpBind,
                text -> {
                    if (text.equals("none")) {
                        builder.denyTcpBind();
                    } else {
                        builder.allowTcpBind(Integer.parseInt(digits(text)));
                    }
                });
        setAll(
                tcpConnect,
                text -> {
                    if (text.equals("none")) {
                        builder.denyTcpConnect();
                    } else {
                        builder.allowTcpConnect(Integer.parseInt(digits(text)));
                    }
                });
        set(hostName, builder::hostName);
    }

    private void privileges(Sandbox.Builder builder) {
        setAll(capabilities, text -> builder.keepCapabilities(capability(text)));
        setAll(
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
        if (isGiven(seccomp) && syscalls.namesProfile()) {
            throw new IllegalArgumentException("--seccomp and --syscalls exclude each other");
        }
        set(
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
        set(uid, text -> builder.user(Integer.parseInt(digits(text)), base.identity().gid()));
        set(
                gid,
                text ->
                        builder.user(
                                Options.<String>given(uid)
                                        .map(Integer::parseInt)
                                        .orElse(base.identity().uid()),
                                Integer.parseInt(digits(text))));
    }
}
