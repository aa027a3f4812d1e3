package io.cloister.sandbox.linux.limit;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What the kernel counted of a run, at one moment. What the host can't tell is absent, never 0.
public record CgroupReading(Map<Metric, Long> values) {

    /// Nothing is known.
    public static final CgroupReading NONE = new CgroupReading(Map.of());

    public CgroupReading {
        Map<Metric, Long> copy = new EnumMap<>(Metric.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    /// The value of `metric`, where the host can tell it.
    public Optional<Long> get(Metric metric) {
        return Optional.ofNullable(values.get(metric));
    }
}
