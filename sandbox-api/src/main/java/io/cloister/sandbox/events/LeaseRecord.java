package io.cloister.sandbox.events;

/// What is recorded of one caller of a pool, from the moment it asks.
public interface LeaseRecord {

    /// It has a sandbox, or has given up.
    ///
    /// @param leased whether it has one
    void ended(boolean leased);
}
