package io.cloister.sandbox.json;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/// JSON to one mount. The kind of mount is the field that only it has.
final class MountReader {
    private static final List<String> KINDS =
            List.of("bind", "descriptor", "tmpfs", "file", "symlink", "directory", "terminals");

    private MountReader() {}

    static Mount read(Value json) {
        if (!json.node().isObject()) {
            throw json.expected("an object");
        }
        List<String> kinds = KINDS.stream().filter(json.node()::has).toList();
        if (kinds.size() != 1) {
            throw json.refused(
                    "expected one of the fields %s, has %s"
                            .formatted(String.join(", ", KINDS), kinds));
        }
        return switch (kinds.getFirst()) {
            case "bind", "descriptor" -> bind(json, kinds.getFirst());
            case "tmpfs" -> tmpfs(json.fields("tmpfs", "size", "inodes", "mode"));
            case "file" -> file(json);
            case "symlink" -> symlink(json.fields("symlink", "target"));
            case "terminals" -> terminals(json.fields("terminals").require("terminals"));
            default -> directory(json.fields("directory", "mode"));
        };
    }

    private static Bind bind(Value json, String kind) {
        Fields fields =
                json.fields(
                        kind,
                        "to",
                        "writable",
                        "optional",
                        "executable",
                        "devices",
                        "followSymlinks");
        Value source = fields.require(kind);
        String destination =
                kind.equals("bind") && !fields.has("to")
                        ? source.text()
                        : fields.require("to").text();
        return new Bind(
                source(source, kind),
                destination,
                fields.read("writable", Value::flag, false),
                fields.read("optional", Value::flag, false),
                fields.read("executable", Value::flag, true),
                fields.read("devices", Value::flag, false),
                fields.read("followSymlinks", Value::flag, true));
    }

    private static BindSource source(Value json, String kind) {
        return json.checked(() ->
                kind.equals("bind")
                        ? new BindSource.HostPath(Path.of(json.text()))
                        : new BindSource.HostDescriptor(json.id()));
    }

    private static Tmpfs tmpfs(Fields fields) {
        return new Tmpfs(
                fields.require("tmpfs").text(),
                fields.require("size").size(),
                fields.read("inodes", Value::number, Tmpfs.DEFAULT_INODES),
                fields.read("mode", Value::octal, Tmpfs.DEFAULT_MODE));
    }

    private static FileContent file(Value json) {
        Fields fields = json.fields("file", "text", "base64", "mode");
        if (fields.has("text") == fields.has("base64")) {
            throw json.refused("either \"text\" or \"base64\" must be given");
        }
        byte[] content =
                fields.has("text")
                        ? text(fields.require("text"))
                        : binary(fields.require("base64"));
        return new FileContent(
                fields.require("file").text(),
                content,
                fields.read("mode", Value::octal, FileContent.DEFAULT_MODE));
    }

    private static byte[] text(Value json) {
        if (!json.node().isString()) {
            throw json.refused("expected text");
        }
        String text = json.text();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw json.refused("expected Unicode text, has a surrogate without a partner");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] binary(Value json) {
        if (!json.node().isString()) {
            throw json.refused("expected base64 text");
        }
        try {
            return Base64.getDecoder().decode(json.text());
        } catch (IllegalArgumentException e) {
            throw json.refused("expected base64 text: " + e.getMessage());
        }
    }

    private static Symlink symlink(Fields fields) {
        return new Symlink(fields.require("symlink").text(), fields.require("target").text());
    }

    private static Terminals terminals(Value json) {
        if (!json.text().equals(Terminals.DESTINATION)) {
            throw json.refused("terminals can only be at " + Terminals.DESTINATION);
        }
        return new Terminals();
    }

    private static EmptyDirectory directory(Fields fields) {
        return new EmptyDirectory(
                fields.require("directory").text(),
                fields.read("mode", Value::octal, EmptyDirectory.DEFAULT_MODE));
    }
}
