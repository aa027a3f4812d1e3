package io.cloister.sandbox.json;

import io.cloister.sandbox.syscall.oci.SeccompArgument;
import io.cloister.sandbox.syscall.oci.SeccompEntry;
import io.cloister.sandbox.syscall.oci.SeccompOperator;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.syscall.oci.SeccompScope;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigInteger;
import java.util.List;

/// A seccomp profile to JSON. What is empty is not written, but for the fields that runtimes want:
/// `names`, `syscalls`.
final class SeccompWriter {

    private SeccompWriter() {}

    static ObjectNode write(SeccompProfile profile) {
        ObjectNode json = JsonText.MAPPER.createObjectNode();
        json.put(SeccompReader.DEFAULT_ACTION, profile.defaultAction().label());
        profile.defaultErrnoRet().ifPresent(number -> json.put("defaultErrnoRet", number));
        profile.defaultErrno().ifPresent(name -> json.put("defaultErrno", name));
        texts(json, "architectures", profile.architectures());
        if (!profile.archMap().isEmpty()) {
            ArrayNode map = json.putArray("archMap");
            profile.archMap()
                    .forEach(mapping -> {
                        ObjectNode entry = map.addObject();
                        entry.put("architecture", mapping.architecture());
                        texts(entry, "subArchitectures", mapping.subArchitectures());
                    });
        }
        texts(json, "flags", profile.flags());
        profile.listenerPath().ifPresent(path -> json.put("listenerPath", path));
        profile.listenerMetadata().ifPresent(text -> json.put("listenerMetadata", text));
        ArrayNode syscalls = json.putArray("syscalls");
        profile.syscalls().forEach(entry -> entry(syscalls.addObject(), entry));
        return json;
    }

    private static void entry(ObjectNode json, SeccompEntry entry) {
        if (entry.name().isEmpty() || !entry.names().isEmpty()) {
            ArrayNode names = json.putArray("names");
            entry.names().forEach(names::add);
        }
        entry.name().ifPresent(name -> json.put("name", name));
        json.put("action", entry.action().label());
        entry.errnoRet().ifPresent(number -> json.put("errnoRet", number));
        entry.errno().ifPresent(name -> json.put("errno", name));
        if (!entry.args().isEmpty()) {
            ArrayNode args = json.putArray("args");
            entry.args().forEach(argument -> argument(args.addObject(), argument));
        }
        if (!entry.comment().isEmpty()) {
            json.put("comment", entry.comment());
        }
        scope(json, "includes", entry.includes());
        scope(json, "excludes", entry.excludes());
    }

    private static void argument(ObjectNode json, SeccompArgument argument) {
        json.put("index", argument.index()).put("value", unsigned(argument.value()));
        if (argument.op() == SeccompOperator.MASKED_EQ || argument.valueTwo() != 0) {
            json.put("valueTwo", unsigned(argument.valueTwo()));
        }
        json.put("op", argument.op().label());
    }

    private static BigInteger unsigned(long number) {
        return new BigInteger(Long.toUnsignedString(number));
    }

    private static void scope(ObjectNode json, String name, SeccompScope scope) {
        if (scope.isEmpty()) {
            return;
        }
        ObjectNode object = json.putObject(name);
        texts(object, "caps", scope.caps());
        scope.minKernel().ifPresent(version -> object.put("minKernel", version));
        texts(object, "arches", scope.arches());
    }

    private static void texts(ObjectNode json, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode array = json.putArray(name);
            texts.forEach(array::add);
        }
    }
}
