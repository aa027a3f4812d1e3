package io.cloister.sandbox;

import java.util.Locale;

/// A clock that a sandbox may see with an offset. Source: time_namespaces(7).
///
/// The wall clock (`CLOCK_REALTIME`) is not among them: it is the same for all processes.
public enum SandboxClock {
    /// `CLOCK_MONOTONIC`, with its coarse and raw forms.
    MONOTONIC,
    /// `CLOCK_BOOTTIME` with its alarm form, and the uptime that `/proc/uptime` tells.
    BOOTTIME;

    /// {@return the lower-case name, as in JSON: `monotonic`, `boottime`}
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
