package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.ResourceLimits;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// Which limits of a run can be changed while it goes on: not those that its processes were given
/// when they were made, or that its streams count by.
public final class LimitChange {

    private static final Map<String, Function<ResourceLimits, Object>> FIXED = fixed();

    private LimitChange() {}

    private static Map<String, Function<ResourceLimits, Object>> fixed() {
        Map<String, Function<ResourceLimits, Object>> map = new LinkedHashMap<>();
        map.put("memoryNodes", ResourceLimits::memoryNodes);
        map.put("hugePages", ResourceLimits::hugePages);
        map.put("extraTime", ResourceLimits::extraTime);
        map.put("output", ResourceLimits::output);
        map.put("rlimits", ResourceLimits::rlimits);
        return map;
    }

    /// Checks a change.
    ///
    /// @throws IllegalArgumentException if it changes what cannot be changed
    public static void check(ResourceLimits now, ResourceLimits wanted) {
        FIXED.forEach((name, limit) -> {
            if (!limit.apply(now).equals(limit.apply(wanted))) {
                throw new IllegalArgumentException(
                        "%s cannot be changed while a run goes on, was %s, wanted %s"
                                .formatted(name, limit.apply(now), limit.apply(wanted)));
            }
        });
    }
}
