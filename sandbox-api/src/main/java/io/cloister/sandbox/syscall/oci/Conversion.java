package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.syscall.SyscallPolicy;

import java.util.List;
import java.util.Objects;

/// What a profile became.
///
/// @param policy the policy
/// @param notHonoured what the profile says and the policy does not do, or does otherwise: one
///   sentence each, with the place in the profile in front. In every one of these points the policy
///   is the stricter of the two, or closes with another error
public record Conversion(SyscallPolicy policy, List<String> notHonoured) {

    /// Copies.
    public Conversion {
        Objects.requireNonNull(policy, "policy");
        notHonoured = List.copyOf(notHonoured);
    }
}
