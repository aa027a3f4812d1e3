package io.cloister.samples.plugins.api;

/// A service of the host that no plugin should have.
public interface Vault {
    /// {@return a secret}
    ///
    /// @param name of the secret
    String secret(String name);
}
