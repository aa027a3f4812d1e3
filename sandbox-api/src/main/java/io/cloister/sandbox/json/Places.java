package io.cloister.sandbox.json;

import tools.jackson.databind.JsonNode;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/// Where the fields of objects and the elements of arrays stand.
///
/// Kept by the container and not by the value: of a scalar such as `true` there is one node for all
/// places.
final class Places {
    /// Where a field stands.
    ///
    /// @param name the place of its name; of an element, that of its value
    /// @param value the place of its value
    record At(Place name, Place value) {}

    private final Map<JsonNode, Map<String, At>> containers = new IdentityHashMap<>();

    void put(JsonNode container, String key, At place) {
        containers.computeIfAbsent(container, _ -> new HashMap<>()).put(key, place);
    }

    Optional<At> find(JsonNode container, String key) {
        return Optional.ofNullable(containers.getOrDefault(container, Map.of()).get(key));
    }

    /// The key of an element.
    static String index(int index) {
        return "[" + index + "]";
    }
}
