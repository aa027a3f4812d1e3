package io.cloister.sandbox.policy;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which TCP ports a program may use, in whatever network it has.
///
/// Where one of the two is given, the program gets `EACCES` for every other port. Other protocols
/// that talk TCP to a peer that does not know them (MPTCP, SMC) are refused then, with
/// `EPROTONOSUPPORT` or `EAFNOSUPPORT`, and so is TCP fast open (`EOPNOTSUPP`) where `tcpConnect`
/// is given. Needs Landlock of ABI 4, that is Linux 6.7; otherwise the sandbox is refused.
///
/// - A program that listens without bind(2) gets a port that the kernel chooses, whatever `tcpBind`
///   says.
/// - Ports of UDP are not concerned.
///
/// @param tcpBind the ports that it may bind to, to listen there; 0 stands for a port that the
///   kernel chooses; empty: all
/// @param tcpConnect the ports that it may connect to; empty: all
public record NetworkPolicy(Optional<Set<Integer>> tcpBind, Optional<Set<Integer>> tcpConnect) {

    private static final NetworkPolicy ALL = new NetworkPolicy(Optional.empty(), Optional.empty());
    private static final NetworkPolicy NO_TCP =
            new NetworkPolicy(Optional.of(Set.of()), Optional.of(Set.of()));

    /// Copies.
    ///
    /// @throws IllegalArgumentException if a port is not within 0 to 65535
    public NetworkPolicy {
        tcpBind = tcpBind.map(NetworkPolicy::ports);
        tcpConnect = tcpConnect.map(NetworkPolicy::ports);
    }

    /// {@return this policy, with one more port to bind to, if only some are open; else with this
    /// one alone}
    ///
    /// @param port the port
    public NetworkPolicy bind(int port) {
        return new NetworkPolicy(Optional.of(with(tcpBind, port)), tcpConnect);
    }

    /// {@return this policy, with one more port to connect to, if only some are open; else with
    /// this one alone}
    ///
    /// @param port the port
    public NetworkPolicy connect(int port) {
        return new NetworkPolicy(tcpBind, Optional.of(with(tcpConnect, port)));
    }

    private static Set<Integer> with(Optional<Set<Integer>> ports, int port) {
        Set<Integer> more = new TreeSet<>(ports.orElse(Set.of()));
        more.add(port);
        return more;
    }

    private static Set<Integer> ports(Set<Integer> ports) {
        for (int port : ports) {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port must be 0 to 65535, was " + port);
            }
        }
        return Collections.unmodifiableSet(new TreeSet<>(ports));
    }

    /// {@return no port: neither bind(2) nor connect(2) succeeds for TCP}
    public static NetworkPolicy noTcp() {
        return NO_TCP;
    }

    /// {@return the default: no port is closed; the network itself is the sandbox's own}
    public static NetworkPolicy allPorts() {
        return ALL;
    }
}
