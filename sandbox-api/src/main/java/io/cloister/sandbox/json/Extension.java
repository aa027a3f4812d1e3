package io.cloister.sandbox.json;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.text.TextFile;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/// Puts a policy together with those that it extends, before any of it is read: so what is absent
/// here and there is a default once, and each message names the file that says it.
///
/// # What wins
///
/// As in JSON Merge Patch (RFC 7396): objects are merged field by field, all else replaces what the
/// base says, lists as a whole, and `null` takes a field of the base away. Lists are not joined,
/// since a list of mounts or capabilities that grows unseen would open more than the file shows.
/// Where fields exclude each other, naming one replaces the object: `minimal`, `empty` and
/// `directory` of `root`, `profile` and `otherwise` of `syscalls`.
final class Extension {
    static final String EXTENDS = "extends";
    static final String SCHEMA = "$schema";

    /// The strictest policy, and the same with the profile of system calls of this name.
    static final List<String> PRESETS = List.of("strict", "judge", "plugin", "build");

    private static final String ENVIRONMENT = "environment";
    private static final String SYSCALLS = "syscalls";
    private static final int MAX_FILES = 16;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Places places = new Places();
    private final List<Path> chain = new ArrayList<>();

    private Extension() {}

    /// The policy in a text.
    ///
    /// @param directory where files that it extends are looked for; empty if it must not
    static SandboxSpec read(String json, Optional<Path> directory) {
        Extension extension = new Extension();
        return extension.spec(JsonText.tree(json, "", extension.places), directory);
    }

    /// The policy in a file.
    static SandboxSpec read(Path file) {
        String json = TextFile.read(file, "policy");
        Path absolute = file.toAbsolutePath();
        Extension extension = new Extension();
        extension.chain.add(real(absolute).orElse(absolute));
        return extension.spec(
                JsonText.tree(json, file.toString(), extension.places),
                Optional.ofNullable(absolute.getParent()));
    }

    private SandboxSpec spec(Value json, Optional<Path> directory) {
        Value whole = whole(json, directory);
        return whole.checked(() -> SpecReader.read(whole));
    }

    /// What a policy says together with its base.
    private Value whole(Value json, Optional<Path> directory) {
        if (!(json.node() instanceof ObjectNode own) || !own.has(EXTENDS)) {
            return json;
        }
        Value name = json.at(EXTENDS);
        Value base =
                PRESETS.contains(name.text()) ? preset(name) : whole(name, directory, name.text());
        if (!(base.node() instanceof ObjectNode under)) {
            throw base.expected("an object");
        }
        return new Value("", merged("", under, own), json.place(), places);
    }

    private Value preset(Value name) {
        ObjectNode preset = NODES.objectNode();
        if (!name.text().equals(PRESETS.getFirst())) {
            preset.put(SYSCALLS, name.text());
            places.put(preset, SYSCALLS, new Places.At(name.place(), name.place()));
        }
        return new Value("", preset, name.place(), places);
    }

    private Value whole(Value name, Optional<Path> directory, String text) {
        String presets =
                "; the presets are "
                        + PRESETS.stream().map(p -> '"' + p + '"').collect(Collectors.joining(", "))
                        + Spelling.question(text, PRESETS);
        if (directory.isEmpty()) {
            throw name.refused(
                    "a file can be extended by a file alone, or where a directory is given, was \""
                            + text
                            + '"'
                            + presets);
        }
        Path file = name.checked(() -> directory.get().resolve(text).normalize());
        Path real;
        try {
            real = file.toRealPath();
        } catch (NoSuchFileException e) {
            throw name.refused("there is no file " + file + " to extend" + presets);
        } catch (IOException e) {
            throw name.refused("the file " + file + " cannot be reached to extend it: " + e);
        }
        boolean circle = chain.contains(real);
        chain.add(real);
        String names = chain.stream().map(Path::toString).collect(Collectors.joining(" extends "));
        if (circle) {
            throw name.refused("goes in a circle: " + names);
        }
        if (chain.size() > MAX_FILES) {
            throw name.refused("more than " + MAX_FILES + " files: " + names);
        }
        String json;
        try {
            json = TextFile.read(file, "policy");
        } catch (UncheckedIOException e) {
            throw name.refused(e.getMessage() + ": " + Objects.requireNonNullElse(e.getCause(), e));
        }
        Value base = JsonText.tree(json, file.toString(), places);
        if (!base.node().has(EXTENDS)) {
            refuseNulls(base);
        }
        return whole(base, Optional.ofNullable(file.getParent()));
    }

    /// What extends nothing is refused for `null` when it is read by itself; merged, it would be as
    /// if it was not there.
    private static void refuseNulls(Value object) {
        if (!object.node().isObject()) {
            return;
        }
        for (Value.Entry field : object.entries()) {
            if (field.value().node().isNull()) {
                throw field.value()
                        .refused("null takes a field of a base away, and there is none here");
            }
            refuseNulls(field.value());
        }
    }

    private static Optional<Path> real(Path file) {
        try {
            return Optional.of(file.toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// `over` on top of `base`.
    private ObjectNode merged(String path, ObjectNode base, ObjectNode over) {
        ObjectNode result = NODES.objectNode();
        for (String name : base.propertyNames()) {
            if (!over.has(name)) {
                copy(base, name, result, base.get(name));
            }
        }
        for (String name : over.propertyNames()) {
            JsonNode value = over.get(name);
            if (value.isNull() || path.isEmpty() && name.equals(EXTENDS)) {
                continue;
            }
            String field = Value.path(path, name);
            boolean isObject = value instanceof ObjectNode;
            copy(
                    over,
                    name,
                    result,
                    isObject
                            ? merged(field, under(field, base.get(name), value), (ObjectNode) value)
                            : value);
        }
        return result;
    }

    /// What an object is merged with.
    private ObjectNode under(String path, @Nullable JsonNode base, JsonNode over) {
        boolean replaces =
                switch (path) {
                    case "root" ->
                            over.has("minimal") || over.has("empty") || over.has("directory");
                    case SYSCALLS ->
                            over.has(SyscallReader.PROFILE) || over.has(SyscallReader.OTHERWISE);
                    default -> false;
                };
        if (replaces) {
            return NODES.objectNode();
        }
        if (base instanceof ObjectNode object) {
            return object;
        }
        if (path.equals(SYSCALLS)) {
            return NODES.objectNode()
                    .put(
                            SyscallReader.PROFILE,
                            base != null && base.isString()
                                    ? base.stringValue()
                                    : SandboxSpec.strict()
                                            .syscalls()
                                            .profile()
                                            .orElseThrow()
                                            .label());
        }
        ObjectNode empty = NODES.objectNode();
        if (path.equals(ENVIRONMENT) && base == null) {
            // The one map whose defaults are not kept by what is written into it.
            SandboxSpec.strict().environment().forEach(empty::put);
        }
        return empty;
    }

    private void copy(ObjectNode from, String name, ObjectNode to, JsonNode value) {
        to.set(name, value);
        places.find(from, name).ifPresent(place -> places.put(to, name, place));
    }
}
