package io.cloister.sandbox.syscall.oci;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where an entry counts (`includes`) or does not (`excludes`).
///
/// @param caps capabilities by name, for example `CAP_SYS_ADMIN`; an entry is included where all
///   are there, and excluded where one is
/// @param minKernel the kernel's version as `4.8`, from which on it is included or excluded
/// @param arches CPUs by Go's names, for example `amd64` and `arm64`
public record SeccompScope(List<String> caps, Optional<String> minKernel, List<String> arches) {

    /// Nothing is said.
    public static final SeccompScope NONE =
            new SeccompScope(List.of(), Optional.empty(), List.of());

    static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:[.-].*)?");

    /// Copies.
    ///
    /// @throws IllegalArgumentException if `minKernel` is no version
    public SeccompScope {
        caps = List.copyOf(caps);
        arches = List.copyOf(arches);
        minKernel.ifPresent(version -> {
            if (!VERSION.matcher(version).matches()) {
                throw new IllegalArgumentException(
                        "minKernel must be a version such as 4.8, was \"" + version + "\"");
            }
        });
    }

    /// {@return whether nothing is said}
    public boolean isEmpty() {
        return equals(NONE);
    }

    boolean includes(SeccompTarget target) {
        return (arches.isEmpty() || arches.contains(target.goName()))
                && target.capabilityNames().containsAll(caps)
                && (minKernel.isEmpty() || target.isAtLeast(minKernel.get()));
    }

    boolean excludes(SeccompTarget target) {
        return arches.contains(target.goName())
                || caps.stream().anyMatch(target.capabilityNames()::contains)
                || minKernel.filter(target::isAtLeast).isPresent();
    }
}
