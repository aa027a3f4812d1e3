package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.ResourceLimits;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.Optional;

/// Limits to JSON. Those that have a default are always written, as `unlimited` where there is
/// none: read again, only the marks of `bestEffort` are best effort.
final class LimitsWriter {
    private static final String UNLIMITED = "unlimited";

    private LimitsWriter() {}

    static void write(ObjectNode json, ResourceLimits limits) {
        json.put("memory", limits.memory().map(Units::formatSize).orElse(UNLIMITED));
        size(json, "memoryHigh", limits.memoryHigh());
        json.put("swap", limits.swap().map(Units::formatSize).orElse(UNLIMITED));
        limits.pids()
                .ifPresentOrElse(
                        count -> json.put("pids", count), () -> json.put("pids", UNLIMITED));
        limits.cpus().ifPresent(count -> json.put("cpus", count));
        time(json, "cpuBurst", limits.cpuBurst());
        limits.cpuWeight().ifPresent(weight -> json.put("cpuWeight", weight));
        limits.cpuset().ifPresent(list -> json.put("cpuset", list));
        limits.memoryNodes().ifPresent(list -> json.put("memoryNodes", list));
        limits.ioWeight().ifPresent(weight -> json.put("ioWeight", weight));
        if (!limits.io().isEmpty()) {
            ArrayNode devices = json.putArray("io");
            limits.io().forEach(io -> device(devices.addObject(), io));
        }
        if (!limits.hugePages().isEmpty()) {
            ObjectNode pages = json.putObject("hugePages");
            limits.hugePages()
                    .forEach((page, size) ->
                            pages.put(Units.formatSize(page), Units.formatSize(size)));
        }
        json.put("cpuTime", limits.cpuTime().map(Units::formatDuration).orElse(UNLIMITED));
        json.put("wallTime", limits.wallTime().map(Units::formatDuration).orElse(UNLIMITED));
        time(json, "idleTime", limits.idleTime());
        time(json, "extraTime", limits.extraTime());
        json.put("output", limits.output().map(Units::formatSize).orElse(UNLIMITED));
        ObjectNode rlimits = json.putObject("rlimits");
        limits.rlimits().forEach((limit, value) -> rlimits.put(limit.label(), value.toString()));
        ArrayNode marks = json.putArray("bestEffort");
        limits.bestEffort().forEach(item -> marks.add(item.label()));
    }

    private static void device(ObjectNode json, DeviceIo io) {
        json.put("device", io.device().toString());
        size(json, "readPerSecond", io.readPerSecond());
        size(json, "writePerSecond", io.writePerSecond());
        io.readOperationsPerSecond().ifPresent(count -> json.put("readOperationsPerSecond", count));
        io.writeOperationsPerSecond()
                .ifPresent(count -> json.put("writeOperationsPerSecond", count));
    }

    private static void size(ObjectNode json, String name, Optional<Bytes> size) {
        size.ifPresent(value -> json.put(name, Units.formatSize(value)));
    }

    private static void time(ObjectNode json, String name, Optional<Duration> time) {
        time.ifPresent(value -> json.put(name, Units.formatDuration(value)));
    }
}
