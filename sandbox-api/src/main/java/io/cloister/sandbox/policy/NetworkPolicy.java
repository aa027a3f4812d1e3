package io.cloister.sandbox.policy;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which TCP ports a program may use, in whatever network it has.
///
/// @param tcpBind the ports that it may listen on; empty: all
/// @param tcpConnect the ports that it may connect to; empty: all
public record NetworkPolicy(Optional<Set<Integer>> tcpBind, Optional<Set<Integer>> tcpConnect) {

    private static final NetworkPolicy ALL = new NetworkPolicy(Optional.empty(), Optional.empty());

    /// Copies.
    ///
    /// @throws IllegalArgumentException if a port is not within 0 to 65535
    public NetworkPolicy {
        tcpBind = tcpBind.map(NetworkPolicy::ports);
        tcpConnect = tcpConnect.map(NetworkPolicy::ports);
    }

    private static Set<Integer> ports(Set<Integer> ports) {
        for (int port : ports) {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port must be 0 to 65535, was " + port);
            }
        }
        return Collections.unmodifiableSet(new TreeSet<>(ports));
    }

    /// {@return the default: no port is closed; the network itself is the sandbox's own}
    public static NetworkPolicy allPorts() {
        return ALL;
    }
}
