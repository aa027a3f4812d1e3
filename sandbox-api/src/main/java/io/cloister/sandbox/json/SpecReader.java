package io.cloister.sandbox.json;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.RootFilesystem;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/// JSON to policy. What is absent is as in [SandboxSpec#strict()].
final class SpecReader {
    private static final SandboxSpec STRICT = SandboxSpec.strict();

    private SpecReader() {}

    static SandboxSpec read(Value json) {
        Fields fields =
                json.fields(
                        Extension.SCHEMA,
                        Extension.EXTENDS,
                        "namespaces",
                        "root",
                        "scratch",
                        "mounts",
                        "proc",
                        "user",
                        "hostName",
                        "domainName",
                        "clockOffsets",
                        "umask",
                        "environment",
                        "workDirectory",
                        "limits",
                        "syscalls",
                        "privileges",
                        "network",
                        "isolation");
        // Names what describes this file to an editor, and nothing else.
        fields.find(Extension.SCHEMA).ifPresent(Value::text);
        Set<Namespace> namespaces =
                fields.read("namespaces", SpecReader::namespaces, STRICT.newNamespaces());
        Optional<String> defaultName =
                STRICT.hostName().filter(name -> namespaces.contains(Namespace.UTS));
        return json.checked(() ->
                new SandboxSpec(
                        namespaces,
                        filesystem(fields),
                        fields.read("user", SpecReader::identity, STRICT.identity()),
                        fields.find("hostName").map(Value::text).or(() -> defaultName),
                        fields.find("domainName").map(Value::text),
                        fields.read("clockOffsets", SpecReader::clockOffsets, Map.of()),
                        fields.read("umask", Value::octal, STRICT.umask()),
                        fields.read("environment", SpecReader::environment, STRICT.environment()),
                        fields.read("workDirectory", Value::text, STRICT.workDirectory()),
                        fields.read("limits", LimitsReader::read, STRICT.limits()),
                        fields.read("syscalls", SyscallReader::read, STRICT.syscalls()),
                        fields.read("privileges", SpecReader::privileges, STRICT.privileges()),
                        fields.read("network", SpecReader::network, STRICT.network()),
                        fields.read("isolation", SpecReader::isolation, STRICT.isolation())));
    }

    private static Set<Namespace> namespaces(Value json) {
        Set<Namespace> fresh = EnumSet.allOf(Namespace.class);
        for (Value.Entry entry : json.entries()) {
            Namespace namespace = entry.named(Namespace.values(), Namespace::label);
            if (entry.value().oneOf("new", "host").equals("host")) {
                fresh.remove(namespace);
            }
        }
        return fresh;
    }

    private static FilesystemPolicy filesystem(Fields fields) {
        FilesystemPolicy policy = FilesystemPolicy.standard();
        policy = policy.root(fields.read("root", SpecReader::root, policy.root()));
        policy = policy.proc(fields.read("proc", SpecReader::proc, policy.proc()));
        if (fields.has("scratch")) {
            Fields scratch = fields.require("scratch").fields("size", "inodes");
            policy = with(policy, scratch, "size", FilesystemPolicy::scratchSize, Value::size);
            policy =
                    with(policy, scratch, "inodes", FilesystemPolicy::scratchInodes, Value::number);
        }
        for (Value mount : fields.read("mounts", json -> json.list(v -> v), List.<Value>of())) {
            FilesystemPolicy before = policy;
            policy = mount.checked(() -> before.mount(MountReader.read(mount)));
        }
        return policy;
    }

    private static RootFilesystem root(Value json) {
        Fields fields = json.fields("minimal", "empty", "devices", "directory", "writable");
        long kinds = Stream.of("minimal", "empty", "directory").filter(fields::has).count();
        if (kinds != 1) {
            throw json.expected("either \"minimal\", \"empty\" or \"directory\"");
        }
        if (fields.has("minimal")) {
            boolean more = fields.has("writable") || fields.has("devices");
            if (!fields.require("minimal").flag() || more) {
                throw json.expected("{\"minimal\":true} alone");
            }
            return new RootFilesystem.MinimalHost();
        }
        if (fields.has("empty")) {
            if (!fields.require("empty").flag() || fields.has("writable")) {
                throw json.expected("{\"empty\":true}, with \"devices\" or without");
            }
            return new RootFilesystem.Empty(fields.read("devices", Value::flag, false));
        }
        if (fields.has("devices")) {
            throw json.expected("\"devices\" with \"empty\" alone: a directory always has them");
        }
        Value directory = fields.require("directory");
        boolean writable = fields.read("writable", Value::flag, false);
        return directory.checked(
                () -> new RootFilesystem.Directory(Path.of(directory.text()), writable));
    }

    private static ProcFilesystem proc(Value json) {
        Fields fields = json.fields("view", "masked", "readOnly");
        ProcFilesystem standard = ProcFilesystem.standard();
        return json.checked(() ->
                new ProcFilesystem(
                        fields.read("view", SpecReader::view, standard.view()),
                        fields.read("masked", SpecReader::texts, standard.masked()),
                        fields.read("readOnly", SpecReader::texts, standard.readOnly())));
    }

    private static View view(Value json) {
        return json.oneOf(View.values(), View::label);
    }

    private static List<String> texts(Value json) {
        return json.list(Value::text);
    }

    private static Identity identity(Value json) {
        Fields fields = json.fields("uid", "gid", "groups", "uidMap", "gidMap");
        Identity standard = Identity.standard();
        return json.checked(() ->
                new Identity(
                        fields.read("uid", Value::id, standard.uid()),
                        fields.read("gid", Value::id, standard.gid()),
                        fields.read("groups", v -> v.list(Value::id), List.of()),
                        fields.read("uidMap", v -> v.list(SpecReader::range), List.of()),
                        fields.read("gidMap", v -> v.list(SpecReader::range), List.of())));
    }

    private static IdRange range(Value json) {
        Fields fields = json.fields("inside", "outside", "count");
        return json.checked(() ->
                new IdRange(
                        fields.require("inside").number(),
                        fields.require("outside").number(),
                        fields.require("count").number()));
    }

    private static Privileges privileges(Value json) {
        Fields fields = json.fields("capabilities", "harden");
        return new Privileges(
                Set.copyOf(
                        fields.read(
                                "capabilities", v -> v.list(SpecReader::capability), List.of())),
                Set.copyOf(fields.read("harden", v -> v.list(SpecReader::hardening), List.of())));
    }

    private static Capability capability(Value json) {
        return json.oneOf(Capability.values(), Capability::label);
    }

    private static Hardening hardening(Value json) {
        return json.oneOf(Hardening.values(), Hardening::label);
    }

    private static Isolation isolation(Value json) {
        return json.oneOf(Isolation.values(), Isolation::label);
    }

    private static NetworkPolicy network(Value json) {
        Fields fields = json.fields("tcpBind", "tcpConnect");
        return json.checked(() ->
                new NetworkPolicy(
                        fields.find("tcpBind").flatMap(SpecReader::ports),
                        fields.find("tcpConnect").flatMap(SpecReader::ports)));
    }

    /// Empty: all.
    private static Optional<Set<Integer>> ports(Value json) {
        if (json.node().isString() && json.text().equals("all")) {
            return Optional.empty();
        }
        if (!json.node().isArray()) {
            throw json.expected("an array of ports or \"all\"");
        }
        return Optional.of(Set.copyOf(new HashSet<>(json.list(Value::integer))));
    }

    private static Map<SandboxClock, Duration> clockOffsets(Value json) {
        Map<SandboxClock, Duration> offsets = new EnumMap<>(SandboxClock.class);
        for (Value.Entry entry : json.entries()) {
            SandboxClock clock = entry.named(SandboxClock.values(), SandboxClock::label);
            offsets.put(clock, entry.value().duration());
        }
        return offsets;
    }

    private static Map<String, String> environment(Value json) {
        if (!json.node().isObject()) {
            throw json.refused("expected an object");
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (Value.Entry entry : json.entries()) {
            if (!entry.value().node().isString()) {
                throw entry.value().refused("expected text");
            }
            environment.put(entry.name(), entry.value().text());
        }
        return environment;
    }

    /// `policy` with what a field says, where it is there.
    private static <P, T> P with(
            P policy,
            Fields fields,
            String name,
            BiFunction<P, T, P> setter,
            Function<Value, T> reader) {
        return fields.find(name)
                .map(value -> value.checked(() -> setter.apply(policy, reader.apply(value))))
                .orElse(policy);
    }
}
