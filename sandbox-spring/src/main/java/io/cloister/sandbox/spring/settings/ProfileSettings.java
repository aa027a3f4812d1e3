package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.spring.settings.SandboxProperties.Profile;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/// Makes the policy of a profile: what it starts from, then `sandbox.defaults`, then its own.
///
/// A later value takes the place of an earlier one. Files, variables, limits of processes and what
/// is hardened, unlimited or best effort add up.
final class ProfileSettings {
    private static final String DEFAULTS = "sandbox.defaults";

    private final Sandbox.Builder builder;
    private final Profile profile;
    private final Setting setting;

    /// The ids that the program sees.
    private record Ids(int user, int group) {}

    private ProfileSettings(Sandbox.Builder builder, Profile profile, String prefix) {
        this.builder = builder;
        this.profile = profile;
        setting = new Setting(prefix);
    }

    /// @param profile null for one that has no properties of its own
    static Sandbox.Builder builder(Profile defaults, @Nullable Profile profile, String prefix) {
        Resource policy = profile == null ? null : profile.policy();
        if (profile != null && policy != null) {
            SandboxSpec start = read(policy, prefix);
            requireNoPreset(profile, prefix);
            Sandbox.Builder builder = Sandbox.from(start);
            new ProfileSettings(builder, profile, prefix).apply(ids(start));
            return builder;
        }
        Resource common = defaults.policy();
        SandboxSpec start = common == null ? SandboxSpec.strict() : read(common, DEFAULTS);
        if (common != null) {
            requireNoPreset(defaults, DEFAULTS);
        }
        Sandbox.Builder builder = common == null ? Sandbox.builder() : Sandbox.from(start);
        Ids ids = new ProfileSettings(builder, defaults, DEFAULTS).apply(ids(start));
        if (profile != null) {
            if (common != null) {
                requireNoPreset(profile, prefix);
            }
            new ProfileSettings(builder, profile, prefix).apply(ids);
        }
        return builder;
    }

    private static Ids ids(SandboxSpec start) {
        return new Ids(start.identity().uid(), start.identity().gid());
    }

    /// Both are a start, and the filter of the preset would take the place of that of the file.
    private static void requireNoPreset(Profile profile, String prefix) {
        if (profile.preset() != null) {
            throw new RefusedPropertyException(
                    prefix + ".preset",
                    profile.preset(),
                    new IllegalArgumentException(
                            "it must be left out where a policy is what the profile starts from,"
                                    + " since it would replace the system calls of that; if that is"
                                    + " wanted, set syscalls"));
        }
    }

    private static SandboxSpec read(Resource policy, String prefix) {
        try {
            return SandboxSpec.fromJson(policy.getContentAsString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new RefusedPropertyException(
                    prefix + ".policy",
                    policy,
                    new IllegalArgumentException("it cannot be read: " + e.getMessage(), e));
        } catch (IllegalArgumentException e) {
            throw new RefusedPropertyException(prefix + ".policy", policy, e);
        }
    }

    /// @param before the ids so far
    /// @return the ids now
    private Ids apply(Ids before) {
        setting.set("preset", profile.preset(), preset -> builder.syscalls(preset.syscalls()));
        setting.set(
                "syscalls",
                profile.syscalls(),
                (SyscallProfile syscalls) -> builder.syscalls(syscalls.policy()));
        setting.set("isolation", profile.isolation(), this::isolation);
        limits();
        files();
        surroundings();
        return user(before);
    }

    private void isolation(Isolation isolation) {
        switch (isolation) {
            case NAMESPACES -> builder.requireNamespaces();
            case NAMESPACES_OR_CONFINED -> builder.confinedIfNeeded();
            case CONFINED -> builder.confined();
        }
    }

    /// What is best effort comes last: a limit that is set is required again.
    private void limits() {
        setting.each("unlimited", profile.unlimited(), limit -> limit.apply(builder));
        setting.set("memory-limit", profile.memoryLimit(), size -> builder.memoryLimit(of(size)));
        setting.set("memory-high", profile.memoryHigh(), size -> builder.memoryHigh(of(size)));
        setting.set("swap-limit", profile.swapLimit(), size -> builder.swapLimit(of(size)));
        setting.set("pids-limit", profile.pidsLimit(), builder::pidsLimit);
        setting.set("cpus", profile.cpus(), builder::cpus);
        setting.set("cpuset", profile.cpuset(), builder::cpuset);
        setting.set("cpu-weight", profile.cpuWeight(), builder::cpuWeight);
        setting.set("io-weight", profile.ioWeight(), builder::ioWeight);
        setting.set("cpu-time-limit", profile.cpuTimeLimit(), builder::cpuTimeLimit);
        setting.set("wall-time-limit", profile.wallTimeLimit(), builder::wallTimeLimit);
        setting.set("idle-limit", profile.idleLimit(), builder::idleTimeLimit);
        setting.set("extra-time", profile.extraTime(), builder::extraTime);
        setting.set("output-limit", profile.outputLimit(), size -> builder.outputLimit(of(size)));
        profile.rlimits()
                .forEach((limit, value) ->
                        setting.set(
                                "rlimits." + limit.label(),
                                value,
                                number -> builder.rlimit(limit, number)));
        setting.each(
                "best-effort", profile.bestEffort(), (LimitItem item) -> builder.bestEffort(item));
    }

    private void files() {
        setting.set("root", profile.root(), builder::root);
        setting.set("scratch-size", profile.scratchSize(), size -> builder.scratchSize(of(size)));
        setting.set("scratch-files", profile.scratchFiles(), builder::scratchInodes);
        setting.each(
                "read-only",
                profile.readOnly(),
                bind -> bind(bind, builder::readOnly, builder::readOnly));
        setting.each(
                "writable",
                profile.writable(),
                bind -> bind(bind, builder::writable, builder::writable));
        profile.tmpfs()
                .forEach((where, size) ->
                        setting.set(
                                "tmpfs.[" + where + "]",
                                size,
                                bytes -> builder.tmpfs(where, of(bytes))));
    }

    private interface Bind {
        Object at(Path source);
    }

    private static void bind(String text, Bind same, BiConsumer<Path, String> elsewhere) {
        int colon = text.lastIndexOf(':');
        try {
            if (colon < 0) {
                same.at(Path.of(text));
            } else {
                elsewhere.accept(Path.of(text.substring(0, colon)), text.substring(colon + 1));
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "it must be SOURCE or SOURCE:DESTINATION, was " + text, e);
        }
    }

    private void surroundings() {
        profile.environment()
                .forEach((name, value) ->
                        setting.secret(
                                "environment.[" + name + "]",
                                value,
                                text -> builder.environment(name, text)));
        setting.set("work-directory", profile.workDirectory(), builder::workDirectory);
        setting.set("host-name", profile.hostName(), builder::hostName);
        setting.set(
                "host-net",
                profile.hostNet(),
                shared -> {
                    if (shared) {
                        builder.hostNet();
                    } else {
                        builder.newNet();
                    }
                });
        setting.set(
                "tcp-connect",
                profile.tcpConnect(),
                ports -> {
                    builder.denyTcpConnect();
                    if (!ports.isEmpty()) {
                        builder.allowTcpConnect(numbers(ports));
                    }
                });
        setting.set(
                "tcp-bind",
                profile.tcpBind(),
                ports -> {
                    builder.denyTcpBind();
                    if (!ports.isEmpty()) {
                        builder.allowTcpBind(numbers(ports));
                    }
                });
        setting.each(
                "harden", profile.harden(), (Hardening hardening) -> builder.harden(hardening));
    }

    /// Each leaves the other as it was.
    private Ids user(Ids before) {
        Integer user = profile.user();
        Integer group = profile.group();
        Ids now = new Ids(user == null ? before.user : user, group == null ? before.group : group);
        setting.set("user", user, id -> builder.user(id, before.group));
        setting.set("group", group, id -> builder.user(now.user, id));
        return now;
    }

    /// An empty part, as of `80,,443`, is bound as null.
    private static int[] numbers(List<Integer> ports) {
        if (ports.stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException(
                    "it must be ports with commas between, was " + ports);
        }
        return ports.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Bytes of(DataSize size) {
        return Bytes.of(size.toBytes());
    }
}
