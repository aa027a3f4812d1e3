package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// JSON to limits.
///
/// What is written is required, and what is absent is as in [ResourceLimits#standard()]; the field
/// `bestEffort` then adds its marks. So a policy that names a few limits need not repeat which
/// defaults are best effort.
final class LimitsReader {
    private static final String IO = "io";
    private static final String HUGE_PAGES = "hugePages";
    private static final String RLIMITS = "rlimits";
    private static final String BEST_EFFORT = "bestEffort";

    /// One limit that has a name and a value.
    ///
    /// @param unlimited lifts it; only where there is a default that could be lifted
    private record Item<T>(
            String name,
            BiFunction<ResourceLimits, T, ResourceLimits> setter,
            Function<Value, T> reader,
            List<UnaryOperator<ResourceLimits>> unlimited) {

        static <T> Item<T> of(
                String name,
                BiFunction<ResourceLimits, T, ResourceLimits> setter,
                Function<Value, T> reader) {
            return new Item<>(name, setter, reader, List.of());
        }

        static <T> Item<T> withDefault(
                String name,
                BiFunction<ResourceLimits, T, ResourceLimits> setter,
                Function<Value, T> reader,
                UnaryOperator<ResourceLimits> unlimited) {
            return new Item<>(name, setter, reader, List.of(unlimited));
        }

        ResourceLimits read(ResourceLimits limits, Value value) {
            if (!unlimited.isEmpty() && value.isUnlimited()) {
                return unlimited.getFirst().apply(limits);
            }
            return value.checked(() -> setter.apply(limits, reader.apply(value)));
        }
    }

    private static final List<Item<?>> ITEMS =
            List.of(
                    Item.withDefault(
                            "memory",
                            ResourceLimits::memory,
                            Value::size,
                            ResourceLimits::unlimitedMemory),
                    Item.of("memoryHigh", ResourceLimits::memoryHigh, Value::size),
                    Item.withDefault(
                            "swap",
                            ResourceLimits::swap,
                            Value::size,
                            ResourceLimits::unlimitedSwap),
                    Item.withDefault(
                            "pids",
                            ResourceLimits::pids,
                            Value::number,
                            ResourceLimits::unlimitedPids),
                    Item.of("cpus", ResourceLimits::cpus, Value::decimal),
                    Item.of("cpuBurst", ResourceLimits::cpuBurst, Value::duration),
                    Item.of("cpuWeight", ResourceLimits::cpuWeight, Value::integer),
                    Item.of("cpuset", ResourceLimits::cpuset, Value::text),
                    Item.of("memoryNodes", ResourceLimits::memoryNodes, Value::text),
                    Item.of("ioWeight", ResourceLimits::ioWeight, Value::integer),
                    Item.withDefault(
                            "cpuTime",
                            ResourceLimits::cpuTime,
                            Value::duration,
                            ResourceLimits::unlimitedCpuTime),
                    Item.withDefault(
                            "wallTime",
                            ResourceLimits::wallTime,
                            Value::duration,
                            ResourceLimits::unlimitedWallTime),
                    Item.of("idleTime", ResourceLimits::idleTime, Value::duration),
                    Item.of("extraTime", ResourceLimits::extraTime, Value::duration),
                    Item.withDefault(
                            "output",
                            ResourceLimits::output,
                            Value::size,
                            ResourceLimits::unlimitedOutput));

    private LimitsReader() {}

    static ResourceLimits read(Value json) {
        List<String> known = new ArrayList<>(ITEMS.stream().map(Item::name).toList());
        known.addAll(List.of(IO, HUGE_PAGES, RLIMITS, BEST_EFFORT));
        Fields fields = json.fields(known.toArray(String[]::new));
        ResourceLimits limits = ResourceLimits.standard();
        for (Item<?> item : ITEMS) {
            if (fields.has(item.name())) {
                limits = item.read(limits, fields.require(item.name()));
            }
        }
        for (Value device : fields.read(IO, field -> field.list(v -> v), List.<Value>of())) {
            limits = device(limits, device);
        }
        for (Value.Entry entry : entries(fields, HUGE_PAGES)) {
            limits = pages(limits, entry);
        }
        for (Value.Entry entry : entries(fields, RLIMITS)) {
            Rlimit limit = entry.named(Rlimit.values(), Rlimit::label);
            Value value = entry.value();
            limits = limits.rlimit(limit, value.checked(() -> RlimitValue.parse(value.text())));
        }
        ResourceLimits all =
                limits.bestEffort(fields.read(BEST_EFFORT, LimitsReader::items, new LimitItem[0]));
        return json.checked(() -> {
            all.requireConsistent();
            return all;
        });
    }

    private static List<Value.Entry> entries(Fields fields, String name) {
        return fields.read(name, Value::entries, List.of());
    }

    private static ResourceLimits device(ResourceLimits limits, Value json) {
        Fields fields =
                json.fields(
                        "device",
                        "readPerSecond",
                        "writePerSecond",
                        "readOperationsPerSecond",
                        "writeOperationsPerSecond");
        DeviceIo io =
                json.checked(() ->
                        new DeviceIo(
                                Path.of(fields.require("device").text()),
                                fields.find("readPerSecond").map(Value::size),
                                fields.find("writePerSecond").map(Value::size),
                                fields.find("readOperationsPerSecond").map(Value::number),
                                fields.find("writeOperationsPerSecond").map(Value::number)));
        if (limits.io().stream().anyMatch(other -> other.device().equals(io.device()))) {
            throw json.refused("has the device of an earlier one: " + io.device());
        }
        return limits.io(io);
    }

    private static ResourceLimits pages(ResourceLimits limits, Value.Entry entry) {
        return entry.value()
                .checked(() -> {
                    Bytes page = Bytes.parse(entry.name());
                    if (limits.hugePages().containsKey(page)) {
                        throw entry.value().refused("has the page size of an earlier one: " + page);
                    }
                    return limits.hugePages(page, entry.value().size());
                });
    }

    private static LimitItem[] items(Value json) {
        return json.list(value -> value.oneOf(LimitItem.values(), LimitItem::label))
                .toArray(LimitItem[]::new);
    }
}
