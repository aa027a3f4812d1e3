package io.cloister.sandbox.syscall.oci;

import java.util.List;

/// An entry of Docker's `archMap`: on a CPU of this kind, the profile holds for these interfaces
/// too.
///
/// @param architecture for example `SCMP_ARCH_X86_64`
/// @param subArchitectures for example `SCMP_ARCH_X86`
public record ArchitectureMapping(String architecture, List<String> subArchitectures) {

    /// Copies.
    ///
    /// @throws IllegalArgumentException if a name does not begin with `SCMP_ARCH_`
    public ArchitectureMapping {
        SeccompProfile.checkArchitecture("architecture", architecture);
        subArchitectures = List.copyOf(subArchitectures);
        subArchitectures.forEach(
                name -> SeccompProfile.checkArchitecture("subArchitectures", name));
    }
}
