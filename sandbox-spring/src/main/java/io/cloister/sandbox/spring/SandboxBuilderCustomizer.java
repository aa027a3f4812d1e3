package io.cloister.sandbox.spring;

import io.cloister.sandbox.Sandbox;

/// Adds to the policy of a profile in Java, for what no property says: handlers of system calls,
/// listeners, files with computed content. Every bean of this type is asked for every profile, in
/// the order of Spring, after the properties.
@FunctionalInterface
public interface SandboxBuilderCustomizer {

    /// Changes the builder of a sandbox.
    ///
    /// @param profile the name of the profile
    /// @param builder has what the properties say; to be changed
    void customize(String profile, Sandbox.Builder builder);
}
