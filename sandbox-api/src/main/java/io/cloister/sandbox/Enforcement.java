package io.cloister.sandbox;

import java.util.Objects;

/// One item of the policy as it really was during a run.
///
/// @param item what it is about, for example `wallTime` or `net`
/// @param value the value that it had, for example `5s` or `new`
/// @param means what enforced it, for example `watched`, `namespace` or `rlimit`; or why nothing
///   did
/// @param holds whether it was enforced; false for what was shared with the host or not filtered,
///   for what this host could not enforce, and for a means that was not there or not used
public record Enforcement(String item, String value, String means, boolean holds) {

    /// Refuses null.
    public Enforcement {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(means, "means");
    }

    /// An item that held.
    ///
    /// @param item what it is about
    /// @param value the value that held
    /// @param means what enforced it
    public Enforcement(String item, String value, String means) {
        this(item, value, means, true);
    }

    /// {@return an item that did not hold}
    ///
    /// @param item what it is about
    /// @param value the value that it had in place of that
    /// @param why why it was not enforced
    public static Enforcement notHeld(String item, String value, String why) {
        return new Enforcement(item, value, why, false);
    }

    /// For example `wallTime 5s (watched)`.
    @Override
    public String toString() {
        return item + " " + value + " (" + means + ")";
    }
}
