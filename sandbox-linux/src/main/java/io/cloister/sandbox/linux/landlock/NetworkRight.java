package io.cloister.sandbox.linux.landlock;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What a rule can allow for a port: `LANDLOCK_ACCESS_NET_*` of linux/landlock.h, in the order of
/// its bits.
public enum NetworkRight {
    BIND_TCP(4),
    CONNECT_TCP(4),
    BIND_UDP(10),
    CONNECT_SEND_UDP(10);

    private final int since;

    NetworkRight(int since) {
        this.since = since;
    }

    /// The first version that knows it.
    int since() {
        return since;
    }

    /// Its bit.
    long bit() {
        return 1L << ordinal();
    }

    /// All that version `abi` knows.
    static Set<NetworkRight> knownTo(int abi) {
        Set<NetworkRight> known = EnumSet.allOf(NetworkRight.class);
        known.removeIf(right -> right.since > abi);
        return known;
    }

    /// Their bits together.
    static long bits(Set<NetworkRight> rights) {
        return rights.stream().mapToLong(NetworkRight::bit).sum();
    }

    /// For example `bind_tcp`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
