package io.cloister.sandbox.json;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SpecDiff.Change;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares two policies by what [SpecWriter] writes of them; their system calls one by one.
final class Comparison {
    private static final List<String> CONTENTS = List.of("text", "base64");

    private final SandboxSpec before;
    private final SandboxSpec after;
    private final List<Change> changes = new ArrayList<>();

    Comparison(SandboxSpec before, SandboxSpec after) {
        this.before = before;
        this.after = after;
    }

    List<Change> changes() {
        SpecWriter writer = new SpecWriter(JsonText.MAPPER);
        objects("", writer.write(before), writer.write(after));
        return changes;
    }

    private void objects(String path, JsonNode from, JsonNode to) {
        Set<String> names = new LinkedHashSet<>(from.propertyNames());
        names.addAll(to.propertyNames());
        for (String name : names) {
            values(Value.path(path, name), from.get(name), to.get(name));
        }
    }

    private void values(String path, @Nullable JsonNode from, @Nullable JsonNode to) {
        if (path.equals("syscalls")) {
            calls(before.syscalls(), after.syscalls());
        } else if (Objects.equals(from, to)) {
            return;
        } else if (from == null || to == null) {
            change(path, from, to);
        } else if (from.isObject() && to.isObject()) {
            objects(path, from, to);
        } else if (path.equals("mounts")) {
            keyed(path, mounts(from), mounts(to));
        } else if (path.equals("limits.io")) {
            keyed(path, devices(from), devices(to));
        } else if (from.isArray() && to.isArray()) {
            elements(path, from, to);
        } else {
            change(path, from, to);
        }
    }

    private void keyed(String path, Map<String, JsonNode> from, Map<String, JsonNode> to) {
        Set<String> keys = new LinkedHashSet<>(from.keySet());
        keys.addAll(to.keySet());
        for (String key : keys) {
            String element = path + "[" + key + "]";
            if (from.containsKey(key)
                    && to.containsKey(key)
                    && kind(from.get(key)).equals(kind(to.get(key)))) {
                objects(element, from.get(key), to.get(key));
            } else {
                change(element, from.get(key), to.get(key));
            }
        }
        List<String> first = from.keySet().stream().filter(to::containsKey).toList();
        List<String> second = to.keySet().stream().filter(from::containsKey).toList();
        if (!first.equals(second)) {
            // A later mount covers what lies below it.
            changes.add(
                    new Change(
                            path,
                            Optional.of("in the order " + String.join(", ", first)),
                            Optional.of("in the order " + String.join(", ", second))));
        }
    }

    private static Map<String, JsonNode> mounts(JsonNode array) {
        Map<String, JsonNode> mounts = new LinkedHashMap<>();
        for (JsonNode mount : array) {
            JsonNode destination = mount.has("to") ? mount.get("to") : mount.get(kind(mount));
            mounts.put(destination.stringValue(), mount);
        }
        return mounts;
    }

    private static Map<String, JsonNode> devices(JsonNode array) {
        Map<String, JsonNode> devices = new LinkedHashMap<>();
        array.forEach(device -> devices.put(device.get("device").stringValue(), device));
        return devices;
    }

    /// The field that only this kind of mount has; the writer puts it first.
    private static String kind(JsonNode object) {
        return object.propertyNames().iterator().next();
    }

    /// Lists whose order says nothing.
    private void elements(String path, JsonNode from, JsonNode to) {
        List<JsonNode> added = new ArrayList<>();
        to.forEach(added::add);
        for (JsonNode element : from) {
            if (!added.remove(element)) {
                change(path, element, null);
            }
        }
        added.forEach(element -> change(path, null, element));
    }

    private void change(String path, @Nullable JsonNode from, @Nullable JsonNode to) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        boolean hidden =
                path.startsWith("environment.")
                        || path.startsWith("mounts[") && CONTENTS.contains(name);
        Optional<String> one = Optional.ofNullable(from).map(v -> hidden ? "a value" : shown(v));
        Optional<String> other =
                Optional.ofNullable(to)
                        .map(v -> {
                            String value = one.isEmpty() ? "a value" : "another value";
                            return hidden ? value : shown(v);
                        });
        changes.add(new Change(path, one, other));
    }

    private static String shown(JsonNode value) {
        if (value.isString()) {
            return value.stringValue();
        }
        if (value instanceof ObjectNode object && CONTENTS.stream().anyMatch(object::has)) {
            ObjectNode copy = object.deepCopy();
            CONTENTS.stream().filter(copy::has).forEach(name -> copy.put(name, "..."));
            return copy.toString();
        }
        return value.toString();
    }

    private void calls(SyscallPolicy from, SyscallPolicy to) {
        for (Syscall call : Syscall.values()) {
            texts("syscalls." + call.label(), answer(from, call), answer(to, call));
        }
        texts("syscalls.unknown", from.unknown().toString(), to.unknown().toString());
        for (FilterFlag flag : FilterFlag.values()) {
            boolean has = to.flags().contains(flag);
            if (from.flags().contains(flag) != has) {
                Optional<String> label = Optional.of(flag.label());
                changes.add(
                        new Change(
                                "syscalls.flags",
                                has ? Optional.empty() : label,
                                has ? label : Optional.empty()));
            }
        }
    }

    private void texts(String path, String from, String to) {
        if (!from.equals(to)) {
            changes.add(new Change(path, Optional.of(from), Optional.of(to)));
        }
    }

    /// For example `EPERM if arg1 == 0x5412, else allow`.
    private static String answer(SyscallPolicy policy, Syscall call) {
        return policy.of(call).stream()
                .map(Comparison::answer)
                .collect(Collectors.joining(", else "));
    }

    private static String answer(SyscallRule rule) {
        String tests =
                rule.tests().stream().map(Object::toString).collect(Collectors.joining(" and "));
        return rule.action() + (tests.isEmpty() ? "" : " if " + tests);
    }
}
