package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.json.SyscallJson;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.text.TextFile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// A seccomp profile of Docker, Podman or an OCI runtime, with all that its JSON says. Immutable.
///
/// What is read is what is written: every field, every entry and their order. Absent, `null` and
/// empty mean the same to all runtimes, and are written as absent; a field that none of them has is
/// refused.
///
/// [#toPolicy(SeccompTarget)] makes a policy of it for one host, and [#of(SyscallPolicy)] goes the
/// other way.
///
/// @param defaultAction what happens to a call that no entry decides
/// @param defaultErrnoRet the error number of it, 0 to 2^32 - 1
/// @param defaultErrno the same by name, as Podman writes it
/// @param architectures the interfaces for which the profile holds, for example `SCMP_ARCH_X86_64`
/// @param archMap the same by CPU, as Docker writes it
/// @param flags for the installation, for example `SECCOMP_FILTER_FLAG_LOG`
/// @param listenerPath the socket of whoever answers [SeccompAction#NOTIFY]
/// @param listenerMetadata what is passed to it
/// @param syscalls the entries
public record SeccompProfile(
        SeccompAction defaultAction,
        OptionalLong defaultErrnoRet,
        Optional<String> defaultErrno,
        List<String> architectures,
        List<ArchitectureMapping> archMap,
        List<String> flags,
        Optional<String> listenerPath,
        Optional<String> listenerMetadata,
        List<SeccompEntry> syscalls) {

    private static final Pattern ARCHITECTURE = Pattern.compile("SCMP_ARCH_[A-Z0-9_]+");

    /// Copies.
    ///
    /// @throws IllegalArgumentException if `defaultErrnoRet` is out of its range, or the name of an
    ///   architecture does not begin with `SCMP_ARCH_`
    public SeccompProfile {
        Objects.requireNonNull(defaultAction, "defaultAction");
        SeccompEntry.checkErrnoRet("defaultErrnoRet", defaultErrnoRet);
        Objects.requireNonNull(defaultErrno, "defaultErrno");
        architectures = List.copyOf(architectures);
        architectures.forEach(name -> checkArchitecture("architectures", name));
        archMap = List.copyOf(archMap);
        flags = List.copyOf(flags);
        Objects.requireNonNull(listenerPath, "listenerPath");
        Objects.requireNonNull(listenerMetadata, "listenerMetadata");
        syscalls = List.copyOf(syscalls);
    }

    static void checkArchitecture(String field, String name) {
        if (!ARCHITECTURE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    field + " must be a name such as SCMP_ARCH_X86_64, was \"" + name + "\"");
        }
    }

    /// {@return a profile with these entries and nothing else}
    ///
    /// @param defaultAction what happens to a call that no entry decides
    /// @param syscalls the entries
    public static SeccompProfile of(SeccompAction defaultAction, SeccompEntry... syscalls) {
        return new SeccompProfile(
                defaultAction,
                OptionalLong.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(syscalls));
    }

    /// Makes the profile that means what a policy means, on both CPUs that [SyscallPolicy] is for.
    ///
    /// A policy tries its rules in their order. In a profile there is no order among entries with
    /// conditions, so the entries written here exclude each other. A condition on an `int`, or on
    /// some bits, is taken apart into comparisons of masked bits, which is the one form that
    /// libseccomp combines as it says: given several `<` or `!=` on a call it (2.5.4) answers
    /// wrongly, or does not end. What differs all the same:
    ///
    /// - A runtime passes over a name that its libseccomp does not know, so that the default action
    ///   decides the call.
    /// - A number that is no call gets the default action, or `ENOSYS` if it is above the newest
    ///   call.
    /// - [io.cloister.sandbox.syscall.SyscallAction#KILL] ends the process alone.
    /// - A runtime makes calls of its own under the profile, until the program has started.
    ///
    /// @param policy the policy
    /// @return the profile
    /// @throws IllegalArgumentException if no profile can mean the same: a rule would take more
    ///   than 128 entries, unknown numbers get something that runtimes do not give them, or an
    ///   error number is 4095, which libseccomp refuses. The message names the rule
    public static SeccompProfile of(SyscallPolicy policy) {
        return new ProfileFromPolicy(policy).profile();
    }

    /// Makes the policy that does on `target` what runc with libseccomp does with this profile.
    ///
    /// - Entries count by their `includes` and `excludes`, as in Docker.
    /// - An entry whose action is the default is passed over, even if it contradicts another.
    /// - The first entry of a call without conditions decides it, whatever stands before it.
    /// - If an argument stands twice among the conditions of an entry, one condition is enough;
    ///   else all must hold. They look at all 64 bits.
    /// - Where two entries with different actions may apply to the same call, libseccomp's order is
    ///   that of its tree; here the stricter one holds.
    /// - If the default closes, a call that is newer than all calls that the profile names fails
    ///   with `ENOSYS`; so do numbers that are no call.
    /// - If the default is open, numbers that are no call are open too, unless an entry closes a
    ///   name that is not known: it may be that of such a number, so all of them fail with
    ///   `ENOSYS`.
    ///
    /// - Calls of foreign interfaces end their process, whatever the profile opens. So a profile
    ///   that opens everything does not become [SyscallPolicy#unfiltered()].
    ///
    /// What cannot be done as the profile says is told, see [Conversion#notHonoured()].
    ///
    /// @param target the host, and what the program will have there
    /// @return the policy
    /// @throws IllegalArgumentException if the profile contradicts itself, as Docker refuses it
    ///   too: both `architectures` and `archMap`, or both `name` and `names`
    public Conversion toPolicy(SeccompTarget target) {
        return new PolicyFromProfile(this, target).conversion();
    }

    /// Reads a profile from a JSON file in UTF-8; see [#fromJson(String)].
    ///
    /// @param file the file
    /// @return the profile
    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if it is no profile; the message begins with the path
    public static SeccompProfile read(Path file) {
        return SyscallJson.readProfile(file);
    }

    /// Reads a profile from JSON: Docker's, Podman's, or the object `linux.seccomp` of an OCI
    /// configuration.
    ///
    /// @param json the text
    /// @return the profile
    /// @throws IllegalArgumentException if it is not JSON, has an unknown field, or a value is
    ///   refused; the message names the field, as in `syscalls[2].args[0].op: ...`
    public static SeccompProfile fromJson(String json) {
        return SyscallJson.readProfile(json);
    }

    /// {@return whether a JSON text is a profile rather than a [SyscallPolicy]: it has a
    /// `defaultAction`}
    ///
    /// @param json the text
    /// @throws IllegalArgumentException if it is not JSON
    public static boolean isProfile(String json) {
        return SyscallJson.isProfile(json);
    }

    /// {@return this profile as JSON, from which [#fromJson(String)] makes an equal one}
    public String toJson() {
        return SyscallJson.write(this);
    }

    /// Writes this profile to a JSON file in UTF-8, which is created or overwritten.
    ///
    /// @param file the file
    /// @throws UncheckedIOException if it cannot be written
    public void write(Path file) {
        TextFile.write(file, "profile", toJson());
    }
}
