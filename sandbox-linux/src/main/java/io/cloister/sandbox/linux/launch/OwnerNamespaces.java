package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.ffm.Kernel;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The latest user namespaces that exist for their map. Thread-safe.
final class OwnerNamespaces {

    private static final int KEPT = 8;

    private final Map<OwnerNamespace.Mapping, Integer> descriptors =
            new LinkedHashMap<>(16, 0.75f, true);

    /// A descriptor of a namespace with this map. It stays open while fewer than eight others are
    /// asked for, which is long enough for a mount to be given it.
    synchronized int get(Zygote master, OwnerNamespace.Mapping map) {
        Integer known = descriptors.get(map);
        if (known != null) {
            return known;
        }
        if (descriptors.size() == KEPT) {
            Iterator<Integer> eldest = descriptors.values().iterator();
            Kernel.close(eldest.next());
            eldest.remove();
        }
        int made = OwnerNamespace.open(master, map);
        descriptors.put(map, made);
        return made;
    }

    /// Closes them.
    synchronized void close() {
        descriptors.values().forEach(Kernel::close);
        descriptors.clear();
    }
}
