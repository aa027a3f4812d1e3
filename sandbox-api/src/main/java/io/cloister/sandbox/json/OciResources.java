package io.cloister.sandbox.json;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.DeviceIo;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The resources of an OCI configuration. Weights of cgroup v1 become those of v2 as in runc.
final class OciResources {
    private static final long PERIOD = 100_000;

    private final Sandbox.Builder builder;

    OciResources(Sandbox.Builder builder) {
        this.builder = builder;
    }

    void read(OciObject resources) {
        resources.note("device files are a fixed set", "devices");
        resources.within("memory", this::memory);
        resources.within("cpu", this::cpu);
        resources.within("blockIO", this::blockIo);
        resources.within(
                "pids",
                pids -> {
                    // Most runtimes take 0 for "not set", others for none, and since version 1.3
                    // of the specification it is a number like others.
                    if (isSet(pids, pids.require("limit"), "; -1 is no limit")) {
                        long limit = pids.require("limit").number();
                        pids.value()
                                .checked(() ->
                                        limit > 0
                                                ? builder.pidsLimit(limit)
                                                : builder.unlimitedPids());
                    }
                });
        resources.each("hugepageLimits", this::hugePages);
        resources.note("packets are not marked; the network is the sandbox's own", "network");
        resources.note("not limited", "rdma");
        resources.note("files of control groups are written for limits alone", "unified");
    }

    /// Whether a number is not 0, which as in runc is as if it was not given.
    private static boolean isSet(OciObject json, Value field, String instead) {
        if (field.number() != 0) {
            return true;
        }
        json.note(field, "0 is taken as not given" + instead);
        return false;
    }

    private void memory(OciObject memory) {
        Optional<Long> limit =
                memory.find("limit")
                        .filter(field -> isSet(memory, field, "; -1 is no limit"))
                        .map(Value::number);
        limit.ifPresent(bytes ->
                memory.value()
                        .checked(() ->
                                bytes < 0
                                        ? builder.unlimitedMemory()
                                        : builder.memoryLimit(Bytes.of(bytes))));
        memory.find("swap")
                .filter(field -> isSet(memory, field, "; -1 is no limit"))
                .ifPresent(swap -> swap.checked(() -> swap(swap, limit)));
        memory.note("memory is not reserved", "reservation");
        memory.note("the kernel's memory counts as memory", "kernel", "kernelTCP");
        memory.note("left to the kernel", "swappiness");
        memory.find("disableOOMKiller")
                .filter(Value::flag)
                .ifPresent(v -> memory.note(v, "the run ends where memory does"));
        memory.find("useHierarchy")
                .filter(value -> !value.flag())
                .ifPresent(v -> memory.note(v, "limits always hold for the whole tree"));
        memory.find("checkBeforeUpdate")
                .filter(Value::flag)
                .ifPresent(v -> memory.note(v, "the limit is set before the start"));
    }

    /// Here swap alone, there memory and swap together.
    private Object swap(Value swap, Optional<Long> limit) {
        if (swap.number() < 0) {
            return builder.unlimitedSwap();
        }
        long memory =
                limit.filter(bytes -> bytes >= 0)
                        .orElseThrow(() -> swap.refused("needs memory.limit, which it includes"));
        return builder.swapLimit(Bytes.of(swap.number() - memory));
    }

    private void cpu(OciObject cpu) {
        long period = cpu.read("period", Value::number, PERIOD);
        cpu.find("quota")
                .filter(quota -> quota.number() > 0)
                .ifPresent(quota ->
                        quota.checked(() -> builder.cpus((double) quota.number() / period)));
        cpu.find("burst")
                .filter(burst -> burst.number() > 0)
                .ifPresent(burst ->
                        burst.checked(() ->
                                builder.cpuBurst(Duration.of(burst.number(), ChronoUnit.MICROS))));
        cpu.find("shares")
                .filter(shares -> shares.number() > 0)
                .ifPresent(
                        shares -> shares.checked(() -> builder.cpuWeight(weight(shares.number()))));
        cpu.find("cpus")
                .filter(list -> !list.text().isEmpty())
                .ifPresent(list -> list.checked(() -> builder.cpuset(list.text())));
        cpu.find("mems")
                .filter(list -> !list.text().isEmpty())
                .ifPresent(list -> list.checked(() -> builder.memoryNodes(list.text())));
        cpu.note("real-time scheduling is not given", "realtimeRuntime", "realtimePeriod");
        cpu.note("not done; cpu.shares is near", "idle");
    }

    /// 2 to 262144 becomes 1 to 10000.
    private static int weight(long shares) {
        return (int) (1 + (Math.clamp(shares, 2, 262_144) - 2L) * 9999 / 262_142);
    }

    private void blockIo(OciObject io) {
        io.find("weight")
                .filter(weight -> weight.number() > 0)
                .ifPresent(weight ->
                        weight.checked(() ->
                                // 10 to 1000 becomes 1 to 10000.
                                builder.ioWeight((int) (1 + (weight.number() - 10) * 9999 / 990))));
        io.note("weights are for all devices", "leafWeight", "weightDevice");
        Map<Path, DeviceIo> devices = new LinkedHashMap<>();
        for (String name :
                new String[] {
                    "throttleReadBpsDevice",
                    "throttleWriteBpsDevice",
                    "throttleReadIOPSDevice",
                    "throttleWriteIOPSDevice"
                }) {
            io.each(name, device -> throttle(device, name, devices));
        }
        io.value()
                .checked(() -> {
                    devices.values().forEach(builder::ioLimit);
                    return builder;
                });
    }

    private static void throttle(OciObject json, String name, Map<Path, DeviceIo> devices) {
        long major = json.require("major").number();
        long minor = json.require("minor").number();
        long rate = json.require("rate").number();
        if (!isSet(json, json.require("rate"), ", so it is not limited")) {
            return;
        }
        Path path = Path.of("/dev/block/" + major + ":" + minor);
        boolean read = name.contains("Read");
        boolean bytes = name.contains("Bps");
        Optional<DeviceIo> known = Optional.ofNullable(devices.get(path));
        DeviceIo all =
                json.value()
                        .checked(() ->
                                new DeviceIo(
                                        path,
                                        size(
                                                read && bytes,
                                                rate,
                                                known.flatMap(DeviceIo::readPerSecond)),
                                        size(
                                                !read && bytes,
                                                rate,
                                                known.flatMap(DeviceIo::writePerSecond)),
                                        count(
                                                read && !bytes,
                                                rate,
                                                known.flatMap(DeviceIo::readOperationsPerSecond)),
                                        count(
                                                !read && !bytes,
                                                rate,
                                                known.flatMap(
                                                        DeviceIo::writeOperationsPerSecond))));
        devices.put(path, all);
    }

    private static Optional<Bytes> size(boolean isNew, long rate, Optional<Bytes> known) {
        return isNew ? Optional.of(Bytes.of(rate)) : known;
    }

    private static Optional<Long> count(boolean isNew, long rate, Optional<Long> known) {
        return isNew ? Optional.of(rate) : known;
    }

    private void hugePages(OciObject json) {
        Value size = json.require("pageSize");
        Value limit = json.require("limit");
        // "2MB" means 2 MiB, as the kernel names its files.
        size.checked(() ->
                builder.hugePagesLimit(
                        Bytes.parse(size.text().replaceFirst("B$", "")), Bytes.of(limit.number())));
    }
}
