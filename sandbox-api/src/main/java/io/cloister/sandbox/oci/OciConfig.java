package io.cloister.sandbox.oci;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.json.OciJson;
import io.cloister.sandbox.text.TextFile;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// A `config.json` of the OCI runtime specification, version 1.2, as a policy and a command.
///
/// Nothing is dropped in silence: what cannot be done stands in `notHonoured`, and what would be
/// dangerous or meaningless to leave out is refused, such as hooks and namespaces to be joined. The
/// table `docs/oci.md` of the project goes through every field. What a configuration does not speak
/// of is as in [SandboxSpec#strict()], the limits too; without `linux.seccomp` the standard profile
/// holds, and there are always new mount, user, control group and time namespaces.
///
/// @param spec the policy
/// @param command the command
/// @param notHonoured what one side says and the other cannot: a sentence each, the field in front
public record OciConfig(SandboxSpec spec, Command command, List<String> notHonoured) {

    /// The version of the specification that is written.
    public static final String VERSION = "1.2.0";

    /// Copies.
    public OciConfig {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(command, "command");
        notHonoured = List.copyOf(notHonoured);
    }

    /// Reads a bundle.
    ///
    /// @param path the directory of the bundle, or the `config.json` in it
    /// @return what it says
    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if it is not JSON, or has what is refused; the message
    ///   begins with the place, as in `config.json:12:15: hooks: ...`
    public static OciConfig read(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve("config.json") : path;
        return OciJson.read(
                TextFile.read(file, "OCI configuration"),
                file.toString(),
                Objects.requireNonNull(file.toAbsolutePath().normalize().getParent()));
    }

    /// Reads a configuration.
    ///
    /// @param json the text
    /// @param bundle the directory that its relative paths start from, absolute
    /// @return what it says
    /// @throws IllegalArgumentException as [#read(Path)] does
    public static OciConfig fromJson(String json, Path bundle) {
        return OciJson.read(json, "", bundle);
    }

    /// A policy and a command to be written as a configuration.
    ///
    /// @param spec the policy
    /// @param command the command
    /// @return both, with what a configuration cannot say; that may be the system calls, see
    ///   [io.cloister.sandbox.syscall.oci.SeccompProfile#of(io.cloister.sandbox.syscall.SyscallPolicy)]
    public static OciConfig of(SandboxSpec spec, Command command) {
        return new OciConfig(spec, command, OciJson.unsaid(spec, command));
    }

    /// {@return a builder that starts from the policy}
    public Sandbox.Builder builder() {
        return spec.toBuilder();
    }

    /// {@return the policy and the command as a configuration; what it cannot say is in
    /// `notHonoured` of [#of(SandboxSpec, Command)]}
    public String toJson() {
        return OciJson.write(spec, command);
    }
}
