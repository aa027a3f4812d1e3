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
import java.util.function.BiConsumer;

/// Makes the policy of a profile: what it starts from, then `sandbox.defaults`, then its own.
final class ProfileSettings {
    private final Sandbox.Builder builder;
    private final Profile profile;
    private final Setting setting;

    private ProfileSettings(Sandbox.Builder builder, Profile profile, String prefix) {
        this.builder = builder;
        this.profile = profile;
        setting = new Setting(prefix);
    }

    /// @param profile null for one that has no properties of its own
    static Sandbox.Builder builder(Profile defaults, @Nullable Profile profile, String prefix) {
        Resource policy = profile == null ? null : profile.policy();
        if (profile != null && policy != null) {
            Sandbox.Builder builder = Sandbox.from(read(policy, prefix));
            new ProfileSettings(builder, profile, prefix).apply();
            return builder;
        }
        Resource common = defaults.policy();
        Sandbox.Builder builder =
                common == null ? Sandbox.builder() : Sandbox.from(read(common, "sandbox.defaults"));
        new ProfileSettings(builder, defaults, "sandbox.defaults").apply();
        if (profile != null) {
            new ProfileSettings(builder, profile, prefix).apply();
        }
        return builder;
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

    private void apply() {
        setting.set("preset", profile.preset(), preset -> builder.syscalls(preset.syscalls()));
        setting.set(
                "syscalls",
                profile.syscalls(),
                (SyscallProfile syscalls) -> builder.syscalls(syscalls.policy()));
        setting.set("isolation", profile.isolation(), this::isolation);
        limits();
        files();
        surroundings();
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
                        setting.set(
                                "environment.[" + name + "]",
                                value,
                                text -> builder.environment(name, text)));
        setting.set("work-directory", profile.workDirectory(), builder::workDirectory);
        setting.set("host-name", profile.hostName(), builder::hostName);
        user(profile.user(), profile.group());
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
                orNull(profile.tcpConnect()),
                ports -> builder.allowTcpConnect(numbers(ports)));
        setting.set(
                "tcp-bind",
                orNull(profile.tcpBind()),
                ports -> builder.allowTcpBind(numbers(ports)));
        setting.set(
                "harden",
                orNull(profile.harden()),
                hardenings -> builder.harden(hardenings.toArray(Hardening[]::new)));
    }

    /// One of them stands for both.
    private void user(@Nullable Integer user, @Nullable Integer group) {
        if (user != null) {
            setting.set("user", user, id -> builder.user(id, group == null ? id : group));
        } else if (group != null) {
            setting.set("group", group, id -> builder.user(id, id));
        }
    }

    private static <T> @Nullable List<T> orNull(List<T> values) {
        return values.isEmpty() ? null : values;
    }

    private static int[] numbers(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Bytes of(DataSize size) {
        return Bytes.of(size.toBytes());
    }
}
