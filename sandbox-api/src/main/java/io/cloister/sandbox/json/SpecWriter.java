package io.cloister.sandbox.json;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Policy to JSON. Every part is written, the defaults as well, so that the file tells it all.
final class SpecWriter {
    private final ObjectMapper mapper;

    SpecWriter(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    ObjectNode write(SandboxSpec spec) {
        ObjectNode json = mapper.createObjectNode();
        ObjectNode namespaces = json.putObject("namespaces");
        for (Namespace namespace : Namespace.values()) {
            boolean fresh = spec.newNamespaces().contains(namespace);
            namespaces.put(namespace.label(), fresh ? "new" : "host");
        }
        filesystem(json, spec.filesystem());
        json.set("user", identity(spec.identity()));
        spec.hostName().ifPresent(name -> json.put("hostName", name));
        spec.domainName().ifPresent(name -> json.put("domainName", name));
        ObjectNode offsets = json.putObject("clockOffsets");
        spec.clockOffsets()
                .forEach((c, offset) -> offsets.put(c.label(), Units.formatDuration(offset)));
        json.put("umask", octal(spec.umask()));
        ObjectNode environment = json.putObject("environment");
        spec.environment().forEach(environment::put);
        json.put("workDirectory", spec.workDirectory());
        LimitsWriter.write(json.putObject("limits"), spec.limits());
        json.set("syscalls", SyscallWriter.write(spec.syscalls()));
        privileges(json.putObject("privileges"), spec.privileges());
        network(json.putObject("network"), spec.network());
        json.put("isolation", spec.isolation().label());
        return json;
    }

    private static void network(ObjectNode json, NetworkPolicy network) {
        ports(json, "tcpBind", network.tcpBind());
        ports(json, "tcpConnect", network.tcpConnect());
    }

    private static void ports(ObjectNode json, String name, Optional<Set<Integer>> ports) {
        if (ports.isEmpty()) {
            json.put(name, "all");
            return;
        }
        ArrayNode array = json.putArray(name);
        ports.get().forEach(array::add);
    }

    private void filesystem(ObjectNode json, FilesystemPolicy policy) {
        ObjectNode root = json.putObject("root");
        switch (policy.root()) {
            case RootFilesystem.MinimalHost _ -> root.put("minimal", true);
            case RootFilesystem.Empty(boolean devices) ->
                    root.put("empty", true).put("devices", devices);
            case RootFilesystem.Directory(var path, boolean writable) ->
                    root.put("directory", path.toString()).put("writable", writable);
        }
        json.putObject("scratch")
                .put("size", Units.formatSize(policy.scratchSize()))
                .put("inodes", policy.scratchInodes());
        ArrayNode mounts = json.putArray("mounts");
        policy.mounts().forEach(mount -> mounts.add(mount(mount)));
        ProcFilesystem proc = policy.proc();
        ObjectNode object = json.putObject("proc").put("view", proc.view().label());
        texts(object.putArray("masked"), proc.masked());
        texts(object.putArray("readOnly"), proc.readOnly());
    }

    private ObjectNode mount(Mount mount) {
        ObjectNode json = mapper.createObjectNode();
        switch (mount) {
            case Bind bind -> bind(json, bind);
            case Tmpfs tmpfs ->
                    json.put("tmpfs", tmpfs.destination())
                            .put("size", Units.formatSize(tmpfs.size()))
                            .put("inodes", tmpfs.inodes())
                            .put("mode", octal(tmpfs.mode()));
            case FileContent file -> file(json, file);
            case Symlink(String destination, String target) ->
                    json.put("symlink", destination).put("target", target);
            case EmptyDirectory(String destination, int mode) ->
                    json.put("directory", destination).put("mode", octal(mode));
            case Terminals terminals -> json.put("terminals", terminals.destination());
        }
        return json;
    }

    private static void bind(ObjectNode json, Bind bind) {
        switch (bind.source()) {
            case BindSource.HostPath(var path) -> json.put("bind", path.toString());
            case BindSource.HostDescriptor(int descriptor) -> json.put("descriptor", descriptor);
        }
        json.put("to", bind.destination())
                .put("writable", bind.writable())
                .put("optional", bind.optional())
                .put("executable", bind.executable())
                .put("devices", bind.devices())
                .put("followSymlinks", bind.followSymlinks());
    }

    private static void file(ObjectNode json, FileContent file) {
        byte[] content = file.content();
        json.put("file", file.destination());
        text(content)
                .ifPresentOrElse(
                        text -> json.put("text", text),
                        () -> json.put("base64", Base64.getEncoder().encodeToString(content)));
        json.put("mode", octal(file.mode()));
    }

    /// The bytes as text, if they are UTF-8.
    private static Optional<String> text(byte[] bytes) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(buffer).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private ObjectNode identity(Identity identity) {
        ObjectNode json = mapper.createObjectNode();
        json.put("uid", identity.uid()).put("gid", identity.gid());
        ArrayNode groups = json.putArray("groups");
        identity.groups().forEach(groups::add);
        ranges(json.putArray("uidMap"), identity.uidMap());
        ranges(json.putArray("gidMap"), identity.gidMap());
        return json;
    }

    private static void ranges(ArrayNode json, List<IdRange> ranges) {
        for (IdRange range : ranges) {
            json.addObject()
                    .put("inside", range.inside())
                    .put("outside", range.outside())
                    .put("count", range.count());
        }
    }

    private static void privileges(ObjectNode json, Privileges privileges) {
        ArrayNode capabilities = json.putArray("capabilities");
        privileges.capabilities().forEach(capability -> capabilities.add(capability.label()));
        ArrayNode hardenings = json.putArray("harden");
        privileges.hardenings().forEach(hardening -> hardenings.add(hardening.label()));
    }

    private static void texts(ArrayNode json, List<String> texts) {
        texts.forEach(json::add);
    }

    private static String octal(int mode) {
        return "%04o".formatted(mode);
    }
}
