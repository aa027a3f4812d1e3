package io.cloister.sandbox;

import io.cloister.sandbox.policy.NetworkPolicy;

import java.util.Optional;
import java.util.Set;

/// The ports of a [Sandbox.Builder].
///
/// They are closed in whatever network the sandbox has, its own or the host's; see [NetworkPolicy].
/// What is said here is required: a host that cannot close ports refuses the sandbox.
///
/// @param <B> the builder
public abstract sealed class NetworkBuilder<B extends NetworkBuilder<B>>
        extends FilesystemBuilder<B> permits IsolationBuilder {

    NetworkBuilder(SpecDraft draft) {
        super(draft);
    }

    /// Lets the program bind TCP sockets to these ports, and to no others but those of earlier
    /// calls: bind(2) fails with `EACCES`. By default all are open.
    ///
    /// @param ports each 0 to 65535; 0 stands for a port that the kernel chooses; at least one
    /// @return this builder
    public B allowTcpBind(int... ports) {
        requireSome("allowTcpBind", "denyTcpBind", ports);
        NetworkPolicy network = draft.network;
        for (int port : ports) {
            network = network.bind(port);
        }
        draft.network = network;
        return self();
    }

    /// Lets the program connect over TCP to these ports, and to no others but those of earlier
    /// calls: connect(2) fails with `EACCES`. By default all are open.
    ///
    /// @param ports each 0 to 65535; at least one
    /// @return this builder
    public B allowTcpConnect(int... ports) {
        requireSome("allowTcpConnect", "denyTcpConnect", ports);
        NetworkPolicy network = draft.network;
        for (int port : ports) {
            network = network.connect(port);
        }
        draft.network = network;
        return self();
    }

    /// Lets the program bind TCP sockets to no port at all; what was allowed before is dropped.
    ///
    /// @return this builder
    public B denyTcpBind() {
        draft.network = new NetworkPolicy(Optional.of(Set.of()), draft.network.tcpConnect());
        return self();
    }

    /// Lets the program connect over TCP to no port at all; what was allowed before is dropped.
    ///
    /// @return this builder
    public B denyTcpConnect() {
        draft.network = new NetworkPolicy(draft.network.tcpBind(), Optional.of(Set.of()));
        return self();
    }

    /// Opens all ports again. The default.
    ///
    /// @return this builder
    public B allTcpPorts() {
        draft.network = NetworkPolicy.allPorts();
        return self();
    }

    private static void requireSome(String call, String none, int... ports) {
        if (ports.length == 0) {
            throw new IllegalArgumentException(
                    call + "(...) needs a port; " + none + "() closes them all");
        }
    }
}
