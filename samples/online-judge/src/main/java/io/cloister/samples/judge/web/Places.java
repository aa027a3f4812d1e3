package io.cloister.samples.judge.web;

import java.util.HashMap;
import java.util.Map;

/// So many places, of which one client may have so many. Thread-safe.
final class Places {
    private final int most;
    private final int mostOfOne;
    private final Map<String, Integer> taken = new HashMap<>();
    private int all;

    Places(int most, int mostOfOne) {
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /// {@return whether there was a place}
    ///
    /// @param client who takes it
    synchronized boolean take(String client) {
        int own = taken.getOrDefault(client, 0);
        if (all >= most || own >= mostOfOne) {
            return false;
        }
        all++;
        taken.put(client, own + 1);
        return true;
    }

    /// Leaves a place.
    ///
    /// @param client who took it
    synchronized void leave(String client) {
        all--;
        taken.computeIfPresent(client, (_, own) -> own == 1 ? null : own - 1);
    }
}
