package io.cloister.samples.cli;

import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.oci.Conversion;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.syscall.oci.SeccompTarget;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A file that says which system calls are open: a profile of Docker, Podman or OCI, or a policy of
/// our own.
///
/// @param policy what it says
/// @param notHonoured what it says and cannot be done
record SeccompFile(SyscallPolicy policy, List<String> notHonoured) {

    /// Reads a file, and tells its form by its fields.
    ///
    /// @param capabilities what the command will have, on which entries of a profile may depend
    /// @throws IllegalArgumentException if it is refused; the message names the place
    static SeccompFile read(Path file, Set<Capability> capabilities) {
        String json;
        try {
            json = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the profile " + file, e);
        }
        if (!SeccompProfile.isProfile(json)) {
            return new SeccompFile(SyscallPolicy.read(file), List.of());
        }
        Conversion conversion =
                SeccompProfile.read(file).toPolicy(SeccompTarget.ofThisHost(capabilities));
        return new SeccompFile(conversion.policy(), conversion.notHonoured());
    }
}
