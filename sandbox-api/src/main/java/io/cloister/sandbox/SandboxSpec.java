package io.cloister.sandbox;

import io.cloister.sandbox.check.Paths;
import io.cloister.sandbox.json.SpecJson;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.text.TextFile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The whole policy of a sandbox as an immutable value.
///
/// [Sandbox#builder()] is the usual way to make one; the setters of [Sandbox.Builder] tell what
/// each part means to the program inside.
///
/// @param newNamespaces the kinds the sandbox has to itself; the others it shares with the host
/// @param filesystem what its file tree looks like
/// @param identity who the command is
/// @param hostName the host name it sees; empty only where it shares the host's
/// @param domainName the domain name it sees; empty for none, or where it shares the host's
/// @param clockOffsets what is added to the host's clocks
/// @param umask the permissions that files it creates do not get, 0 to 0777
/// @param environment all its environment variables, in order
/// @param workDirectory the directory inside in which commands start
/// @param limits what one run may use
/// @param syscalls which system calls it may make
/// @param privileges what it may do that others may not, and the other way round
/// @param network which ports it may use
/// @param isolation what keeps it apart from the host
public record SandboxSpec(
        Set<Namespace> newNamespaces,
        FilesystemPolicy filesystem,
        Identity identity,
        Optional<String> hostName,
        Optional<String> domainName,
        Map<SandboxClock, Duration> clockOffsets,
        int umask,
        Map<String, String> environment,
        String workDirectory,
        ResourceLimits limits,
        SyscallPolicy syscalls,
        Privileges privileges,
        NetworkPolicy network,
        Isolation isolation) {

    /// The host name inside unless it is said: `sandbox`.
    public static final String DEFAULT_HOST_NAME = "sandbox";

    /// The umask unless it is said: 022.
    public static final int DEFAULT_UMASK = 022;

    /// The work directory unless it is said: `/tmp`.
    public static final String DEFAULT_WORK_DIRECTORY = "/tmp";

    /// Checks each part and that they go together, and copies.
    ///
    /// @throws IllegalArgumentException if a part is out of its range, or two exclude each other
    public SandboxSpec {
        newNamespaces = copy(newNamespaces);
        Objects.requireNonNull(filesystem, "filesystem");
        Objects.requireNonNull(identity, "identity");
        hostName.ifPresent(name -> Checks.hostName("hostName", name));
        domainName.ifPresent(name -> Checks.hostName("domainName", name));
        clockOffsets = copyOffsets(clockOffsets);
        Checks.umask(umask);
        environment = copyEnvironment(environment);
        Paths.inside("workDirectory", workDirectory);
        limits.requireConsistent();
        Objects.requireNonNull(syscalls, "syscalls");
        Objects.requireNonNull(privileges, "privileges");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(isolation, "isolation");
        SpecChecks.namespaces(
                newNamespaces, filesystem, identity, hostName, domainName, clockOffsets);
        SpecChecks.privileges(newNamespaces, privileges);
        if (isolation != Isolation.NAMESPACES) {
            ConfinedChecks checks = new ConfinedChecks(isolation);
            checks.namespaces(newNamespaces);
            checks.files(filesystem);
            checks.others(identity, hostName, domainName, clockOffsets, privileges, network);
        }
    }

    private static Set<Namespace> copy(Set<Namespace> namespaces) {
        Set<Namespace> copy = EnumSet.noneOf(Namespace.class);
        copy.addAll(namespaces);
        return Collections.unmodifiableSet(copy);
    }

    private static Map<SandboxClock, Duration> copyOffsets(Map<SandboxClock, Duration> offsets) {
        Map<SandboxClock, Duration> copy = new EnumMap<>(SandboxClock.class);
        offsets.forEach((clock, offset) -> copy.put(clock, Checks.clockOffset(clock, offset)));
        return Collections.unmodifiableMap(copy);
    }

    private static Map<String, String> copyEnvironment(Map<String, String> environment) {
        environment.forEach(Checks::environment);
        return Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    /// {@return the default, and the strictest: every namespace new, no network, a read-only
    /// minimal view of the host, user 1000, a clean environment and the limits of
    /// [ResourceLimits#standard()]}
    public static SandboxSpec strict() {
        return Sandbox.builder().spec();
    }

    /// {@return a builder that starts from this policy}
    public Sandbox.Builder toBuilder() {
        return Sandbox.from(this);
    }

    /// Reads a policy from a JSON file in UTF-8; see [#fromJson(String)].
    ///
    /// @param file the file
    /// @return the policy
    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if it is no policy; the message begins with the place, as
    ///   in `judge.json:12:15: limits.memory: expected a size such as "256m", was "lots"`
    public static SandboxSpec read(Path file) {
        return SpecJson.read(file);
    }

    /// Reads a policy from JSON. What is absent is as in [#strict()], or in the policy that this
    /// one extends:
    ///
    /// - `"extends": "judge"`: a preset; `strict` is [#strict()], and `judge`, `plugin` and `build`
    ///   are that with the profile of system calls of this name.
    /// - `"extends": "base.json"`: a file, relative to the one that says it; it may extend another,
    ///   up to 16 of them. Not here, where there is no file: see [#fromJson(String, Path)].
    ///
    /// Objects are merged field by field, everything else replaces what the base says, lists as a
    /// whole, and `null` gives back the default (RFC 7396). Where fields exclude each other, as
    /// `minimal`, `empty` and `directory` of `root` or `profile` and `otherwise` of `syscalls`,
    /// naming one replaces the object. A profile that the base names stays where `syscalls` adds
    /// rules alone.
    ///
    /// The field `$schema` may name the schema of [#jsonSchema()], for editors.
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON, has an unknown field, or a value is
    ///   refused; the message names the place and the field, as in `line 12, column 15:
    ///   limits.memory: expected a size such as "256m", was "lots"`
    public static SandboxSpec fromJson(String json) {
        return SpecJson.read(json);
    }

    /// Reads a policy from JSON that may extend files, as [#fromJson(String)] otherwise.
    ///
    /// @param json the text
    /// @param directory where a file that it extends is looked for
    /// @return the policy
    /// @throws IllegalArgumentException as there, or if a file that is extended cannot be read
    public static SandboxSpec fromJson(String json, Path directory) {
        return SpecJson.read(json, directory);
    }

    /// {@return this policy as JSON, from which [#fromJson(String)] makes an equal one}
    public String toJson() {
        return SpecJson.write(this);
    }

    /// {@return the JSON Schema (2020-12) of policies, with a description of every field}
    public static String jsonSchema() {
        return SpecJson.schema();
    }

    /// What differs between two policies, in what the program inside meets.
    ///
    /// Mounts are told apart by their destination, system calls by what happens to each of them:
    /// policies whose rules stand in another order and decide alike do not differ. Values of the
    /// environment and contents of files are never shown.
    ///
    /// @param before one
    /// @param after the other
    /// @return the differences
    public static SpecDiff diff(SandboxSpec before, SandboxSpec after) {
        return SpecJson.diff(before, after);
    }

    /// Writes this policy to a JSON file in UTF-8, which is created or overwritten.
    ///
    /// @param file the file
    /// @throws UncheckedIOException if it cannot be written
    public void write(Path file) {
        TextFile.write(file, "policy", toJson());
    }

    /// All parts; of the environment the names alone.
    @Override
    public String toString() {
        return "SandboxSpec[newNamespaces="
                + newNamespaces
                + ", filesystem="
                + filesystem
                + ", identity="
                + identity
                + hostName.map(name -> ", hostName=" + name).orElse("")
                + domainName.map(name -> ", domainName=" + name).orElse("")
                + ", clockOffsets="
                + shown(clockOffsets)
                + ", umask=%04o, environment=".formatted(umask)
                + environment.keySet()
                + ", workDirectory="
                + workDirectory
                + ", limits="
                + limits
                + ", syscalls="
                + syscalls
                + ", privileges="
                + privileges
                + ", network="
                + network
                + ", isolation="
                + isolation
                + "]";
    }

    private static String shown(Map<SandboxClock, Duration> offsets) {
        Map<SandboxClock, String> shown = new EnumMap<>(SandboxClock.class);
        offsets.forEach((clock, offset) -> shown.put(clock, Units.formatDuration(offset)));
        return shown.toString();
    }
}
