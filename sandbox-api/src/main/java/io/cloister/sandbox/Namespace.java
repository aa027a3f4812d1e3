package io.cloister.sandbox;

import java.util.Locale;

/// A part of the system that a sandbox has to itself (`newX`) or shares with the host (`hostX`).
///
/// Every kind is new by default. Source: namespaces(7).
public enum Namespace {
    /// What the file tree looks like.
    MOUNT,
    /// Which processes exist and what their ids are.
    PID,
    /// Network devices, addresses, routes, ports and abstract sockets.
    NET,
    /// System V IPC objects and POSIX message queues.
    IPC,
    /// The host name and the domain name.
    UTS,
    /// User and group ids, and the privileges that come with them.
    USER,
    /// Which control groups are visible, and under what names.
    CGROUP,
    /// The offsets of the monotonic and the boot-time clock.
    TIME;

    /// {@return the lower-case name, as in JSON: `mount`, `pid`, `net` ...}
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
