package io.cloister.sandbox.linux.launch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// What was made for the keys that were used last. Thread-safe; one is made at a time.
final class Latest<K, V> {

    private final Map<K, V> values;

    /// @param most how many are kept
    Latest(int most) {
        values =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                        return size() > most;
                    }
                };
    }

    /// What was made for `key`, or is made now.
    synchronized V get(K key, Function<? super K, ? extends V> maker) {
        return values.computeIfAbsent(key, maker);
    }
}
