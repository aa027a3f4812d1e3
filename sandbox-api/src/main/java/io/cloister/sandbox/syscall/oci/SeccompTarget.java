package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.SyscallAbi;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/// For what a profile becomes a policy: its entries may depend on this.
///
/// @param capabilities what the program will have
/// @param kernel the first number of the kernel's version, 6 of `6.12`
/// @param major the second number, 12 of `6.12`
/// @param abi the CPU
public record SeccompTarget(Set<Capability> capabilities, int kernel, int major, SyscallAbi abi) {

    /// Copies.
    ///
    /// @throws IllegalArgumentException if a number is negative
    public SeccompTarget {
        Set<Capability> copy = EnumSet.noneOf(Capability.class);
        copy.addAll(capabilities);
        capabilities = Collections.unmodifiableSet(copy);
        Objects.requireNonNull(abi, "abi");
        if (kernel < 0 || major < 0) {
            throw new IllegalArgumentException(
                    "version of the kernel must be >= 0, was " + kernel + "." + major);
        }
    }

    /// {@return this JVM's host}
    ///
    /// @param capabilities what the program will have
    /// @throws IllegalStateException if the CPU is not one that [SyscallAbi] knows, or the system
    ///   tells no version
    public static SeccompTarget ofThisHost(Set<Capability> capabilities) {
        SyscallAbi abi =
                SyscallAbi.ofThisJvm()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "system calls of this CPU are not known: "
                                                + System.getProperty("os.arch")));
        String version = System.getProperty("os.version", "");
        Matcher matcher = SeccompScope.VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new IllegalStateException("no version of Linux: \"" + version + "\"");
        }
        return new SeccompTarget(
                capabilities,
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                abi);
    }

    Set<String> capabilityNames() {
        return capabilities.stream().map(Capability::label).collect(Collectors.toSet());
    }

    /// The first two numbers count alone, as in Docker.
    boolean isAtLeast(String version) {
        Matcher matcher = SeccompScope.VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a version: " + version);
        }
        int wantedKernel = Integer.parseInt(matcher.group(1));
        int wantedMajor = Integer.parseInt(matcher.group(2));
        return kernel > wantedKernel || kernel == wantedKernel && major >= wantedMajor;
    }

    /// As `includes` and `excludes` call the CPU.
    String goName() {
        return switch (abi) {
            case X86_64 -> "amd64";
            case AARCH64 -> "arm64";
        };
    }

    /// As `architectures` and `archMap` call the CPU.
    String architecture() {
        return switch (abi) {
            case X86_64 -> "SCMP_ARCH_X86_64";
            case AARCH64 -> "SCMP_ARCH_AARCH64";
        };
    }

    /// The other interfaces that programs on this CPU may use.
    Set<String> foreignArchitectures() {
        return switch (abi) {
            case X86_64 -> Set.of("SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case AARCH64 -> Set.of("SCMP_ARCH_ARM");
        };
    }
}
