package io.cloister.sandbox.json;

import io.cloister.sandbox.syscall.oci.ArchitectureMapping;
import io.cloister.sandbox.syscall.oci.SeccompAction;
import io.cloister.sandbox.syscall.oci.SeccompArgument;
import io.cloister.sandbox.syscall.oci.SeccompEntry;
import io.cloister.sandbox.syscall.oci.SeccompOperator;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.syscall.oci.SeccompScope;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// JSON to a seccomp profile of Docker, Podman or OCI. `null` is as absent everywhere.
final class SeccompReader {

    static final String DEFAULT_ACTION = "defaultAction";

    private SeccompReader() {}

    static SeccompProfile read(Value json) {
        Fields fields =
                json.fields(
                        DEFAULT_ACTION,
                        "defaultErrnoRet",
                        "defaultErrno",
                        "architectures",
                        "archMap",
                        "flags",
                        "listenerPath",
                        "listenerMetadata",
                        "syscalls");
        return json.checked(() ->
                new SeccompProfile(
                        action(fields.require(DEFAULT_ACTION)),
                        number(fields, "defaultErrnoRet"),
                        text(fields, "defaultErrno"),
                        list(fields, "architectures", Value::text),
                        list(fields, "archMap", SeccompReader::mapping),
                        list(fields, "flags", Value::text),
                        text(fields, "listenerPath"),
                        text(fields, "listenerMetadata"),
                        list(fields, "syscalls", SeccompReader::entry)));
    }

    private static ArchitectureMapping mapping(Value json) {
        Fields fields = json.fields("architecture", "subArchitectures");
        return json.checked(() ->
                new ArchitectureMapping(
                        fields.require("architecture").text(),
                        list(fields, "subArchitectures", Value::text)));
    }

    private static SeccompEntry entry(Value json) {
        Fields fields =
                json.fields(
                        "names",
                        "name",
                        "action",
                        "errnoRet",
                        "errno",
                        "args",
                        "comment",
                        "includes",
                        "excludes");
        return json.checked(() ->
                new SeccompEntry(
                        list(fields, "names", Value::text),
                        text(fields, "name"),
                        action(fields.require("action")),
                        number(fields, "errnoRet"),
                        text(fields, "errno"),
                        list(fields, "args", SeccompReader::argument),
                        text(fields, "comment").orElse(""),
                        scope(fields, "includes"),
                        scope(fields, "excludes")));
    }

    private static SeccompArgument argument(Value json) {
        Fields fields = json.fields("index", "value", "valueTwo", "op");
        Value op = fields.require("op");
        return json.checked(() ->
                new SeccompArgument(
                        fields.require("index").integer(),
                        fields.require("value").unsigned(),
                        find(fields, "valueTwo").map(Value::unsigned).orElse(0L),
                        op.oneOf(SeccompOperator.values(), SeccompOperator::label)));
    }

    private static SeccompScope scope(Fields parent, String name) {
        return find(parent, name).map(SeccompReader::scope).orElse(SeccompScope.NONE);
    }

    private static SeccompScope scope(Value json) {
        Fields fields = json.fields("caps", "minKernel", "arches");
        return json.checked(() ->
                new SeccompScope(
                        list(fields, "caps", Value::text),
                        text(fields, "minKernel"),
                        list(fields, "arches", Value::text)));
    }

    private static SeccompAction action(Value json) {
        return json.oneOf(SeccompAction.values(), SeccompAction::label);
    }

    private static Optional<Value> find(Fields fields, String name) {
        return fields.find(name).filter(value -> !value.node().isNull());
    }

    private static <T> List<T> list(Fields fields, String name, Function<Value, T> reader) {
        return find(fields, name).map(value -> value.list(reader)).orElse(List.of());
    }

    private static Optional<String> text(Fields fields, String name) {
        return find(fields, name).map(Value::text).filter(text -> !text.isEmpty());
    }

    private static OptionalLong number(Fields fields, String name) {
        Optional<Value> value = find(fields, name);
        return value.isPresent() ? OptionalLong.of(value.get().number()) : OptionalLong.empty();
    }
}
