package io.cloister.sandbox;

import java.util.Objects;

/// One item of the policy as it really held during a run.
///
/// @param item what it is about, for example `wallTime` or `net`
/// @param value the value that held, for example `5s` or `new`
/// @param means what enforced it, for example `watched`, `namespace` or `rlimit`
public record Enforcement(String item, String value, String means) {
    /// Refuses null.
    public Enforcement {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(means, "means");
    }

    /// For example `wallTime 5s (watched)`.
    @Override
    public String toString() {
        return item + " " + value + " (" + means + ")";
    }
}
