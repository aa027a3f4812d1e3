package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.oci.OciConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Goes through the fields of version 1.2 of the OCI runtime specification and compares each with
/// its row in `docs/oci.md`.
class OciFieldsTest {
    private static final Path PAGE = Path.of("../docs/oci.md");
    private static final Path BUNDLE = Path.of("/srv/bundle");

    private static final String BASE =
            """
            {"ociVersion": "1.2.0", "root": {"path": "rootfs"},
             "process": {"args": ["/bin/true"], "cwd": "/", "user": {"uid": 7, "gid": 8},
               "capabilities": {"effective": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"],
                 "bounding": ["CAP_CHOWN"], "inheritable": ["CAP_CHOWN"],
                 "ambient": ["CAP_CHOWN"]}, "rlimits": [], "env": []},
             "mounts": [{"destination": "/proc", "type": "proc"},
               {"destination": "/tmp", "type": "tmpfs"},
               {"destination": "/dev", "type": "bind", "source": "/srv/dev"},
               {"destination": "/work", "type": "bind", "source": "/srv/a", "options": ["ro"]}],
             "linux": {"namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"},
                 {"type": "mount"}, {"type": "user"}, {"type": "cgroup"}, {"type": "time"},
                 {"type": "network"}],
               "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 500}],
               "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 500}],
               "resources": {"memory": {"limit": 1048576}, "cpu": {"quota": 100000},
                 "blockIO": {}}}}
            """;

    /// A field of the specification and a value for it. In a list the last element has the field,
    /// and `+` puts a new one there.
    private static Map<String, String> samples() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("ociVersion", "\"1.1.0\"");
        all.put("root.path", "\"other\"");
        all.put("root.readonly", "true");
        all.put("mounts", "[]");
        all.put("mounts[].destination", "\"/other\"");
        all.put("mounts[].type", "\"tmpfs\"");
        all.put("mounts[].source", "\"/srv/b\"");
        all.put("mounts[].options", "[\"rw\"]");
        all.put("mounts[].uidMappings", "[{}]");
        all.put("mounts[].gidMappings", "[{}]");
        all.put("process.terminal", "true");
        all.put("process.consoleSize", "{\"height\": 30, \"width\": 90}");
        all.put("process.cwd", "\"/tmp\"");
        all.put("process.env", "[\"A=1\"]");
        all.put("process.args", "[\"/bin/false\", \"x\"]");
        all.put("process.commandLine", "\"cmd\"");
        all.put("process.rlimits", "[{\"type\": \"RLIMIT_CORE\", \"soft\": 1, \"hard\": 2}]");
        all.put("process.apparmorProfile", "\"p\"");
        all.put("process.capabilities.effective", "[]");
        all.put("process.capabilities.bounding", "[\"CAP_CHOWN\", \"CAP_KILL\"]");
        all.put("process.capabilities.permitted", "[\"CAP_CHOWN\", \"CAP_KILL\"]");
        all.put("process.capabilities.inheritable", "[\"CAP_CHOWN\", \"CAP_KILL\"]");
        all.put("process.capabilities.ambient", "[\"CAP_CHOWN\", \"CAP_KILL\"]");
        all.put("process.noNewPrivileges", "false");
        all.put("process.oomScoreAdj", "100");
        all.put("process.scheduler", "{\"policy\": \"SCHED_BATCH\"}");
        all.put("process.selinuxLabel", "\"l\"");
        all.put("process.ioPriority", "{\"class\": \"IOPRIO_CLASS_IDLE\"}");
        all.put("process.execCPUAffinity", "{\"initial\": \"0\"}");
        all.put("process.user.uid", "70");
        all.put("process.user.gid", "80");
        all.put("process.user.umask", "63");
        all.put("process.user.additionalGids", "[9]");
        all.put("process.user.username", "\"u\"");
        all.put("hostname", "\"box\"");
        all.put("domainname", "\"lan\"");
        for (String hook :
                List.of(
                        "prestart",
                        "createRuntime",
                        "createContainer",
                        "startContainer",
                        "poststart",
                        "poststop")) {
            all.put("hooks." + hook, "[{\"path\": \"/bin/true\"}]");
        }
        all.put("annotations", "{\"a\": \"b\"}");
        for (String system : List.of("solaris", "windows", "vm", "zos")) {
            all.put(system, "{\"a\": 1}");
        }
        all.put(
                "linux.namespaces",
                Stream.of("pid", "uts", "mount", "user", "cgroup", "time")
                        .map(type -> "{\"type\": \"" + type + "\"}")
                        .toList()
                        .toString());
        all.put("linux.namespaces[].type", "\"pid\"");
        all.put("linux.namespaces[].path", "\"/proc/1/ns/net\"");
        all.put("linux.uidMappings", "[{\"containerID\": 0, \"hostID\": 100, \"size\": 99}]");
        all.put("linux.gidMappings", "[{\"containerID\": 0, \"hostID\": 100, \"size\": 99}]");
        all.put("linux.timeOffsets", "{\"boottime\": {\"secs\": 5, \"nanosecs\": 1}}");
        all.put("linux.devices", "[{\"path\": \"/dev/fuse\"}]");
        all.put("linux.cgroupsPath", "\"/a\"");
        all.put("linux.rootfsPropagation", "\"shared\"");
        all.put("linux.seccomp", "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
        all.put("linux.sysctl", "{\"net.ipv4.ip_forward\": \"1\"}");
        all.put("linux.maskedPaths", "[\"/proc/meminfo\"]");
        all.put("linux.readonlyPaths", "[\"/proc/tty\"]");
        all.put("linux.mountLabel", "\"l\"");
        all.put("linux.intelRdt", "{\"closID\": \"a\"}");
        all.put("linux.personality", "{\"domain\": \"LINUX32\"}");
        String resources = "linux.resources.";
        all.put(resources + "devices", "[{\"allow\": false}]");
        all.put(resources + "memory.limit", "2097152");
        all.put(resources + "memory.reservation", "1048576");
        all.put(resources + "memory.swap", "3145728");
        all.put(resources + "memory.kernel", "1048576");
        all.put(resources + "memory.kernelTCP", "1048576");
        all.put(resources + "memory.swappiness", "5");
        all.put(resources + "memory.disableOOMKiller", "true");
        all.put(resources + "memory.useHierarchy", "false");
        all.put(resources + "memory.checkBeforeUpdate", "true");
        all.put(resources + "cpu.shares", "512");
        all.put(resources + "cpu.quota", "50000");
        all.put(resources + "cpu.period", "50000");
        all.put(resources + "cpu.burst", "1000");
        all.put(resources + "cpu.realtimeRuntime", "5");
        all.put(resources + "cpu.realtimePeriod", "5");
        all.put(resources + "cpu.cpus", "\"0\"");
        all.put(resources + "cpu.mems", "\"0\"");
        all.put(resources + "cpu.idle", "1");
        all.put(resources + "blockIO.weight", "500");
        all.put(resources + "blockIO.leafWeight", "500");
        all.put(resources + "blockIO.weightDevice", "[{\"major\": 8}]");
        String device = "[{\"major\": 8, \"minor\": 0, \"rate\": 5}]";
        all.put(resources + "blockIO.throttleReadBpsDevice", device);
        all.put(resources + "blockIO.throttleWriteBpsDevice", device);
        all.put(resources + "blockIO.throttleReadIOPSDevice", device);
        all.put(resources + "blockIO.throttleWriteIOPSDevice", device);
        all.put(resources + "hugepageLimits", "[{\"pageSize\": \"2MB\", \"limit\": 4194304}]");
        all.put(resources + "network", "{\"classID\": 5}");
        all.put(resources + "pids.limit", "9");
        all.put(resources + "rdma", "{\"mlx5_1\": {}}");
        all.put(resources + "unified", "{\"memory.low\": \"5\"}");
        return all;
    }

    /// The rows of the page: field to word.
    private static Map<String, String> rows() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| `")) {
                String[] cells = line.split("\\|");
                rows.put(cells[1].strip().replace("`", ""), cells[2].strip());
            }
        }
        return rows;
    }

    static Stream<String> fields() {
        return samples().keySet().stream();
    }

    @Test
    void thePageHasEveryField() throws IOException {
        assertThat(rows().keySet()).containsExactlyInAnyOrderElementsOf(samples().keySet());
        assertThat(rows().values()).isSubsetOf("honoured", "said", "refused", "as it is");
    }

    @ParameterizedTest
    @MethodSource("fields")
    void theRowIsTrue(String field) throws IOException {
        JsonNode tree = JsonText.MAPPER.readTree(BASE);
        put((ObjectNode) tree, field, JsonText.MAPPER.readTree(samples().get(field)));
        String json = tree.toString();
        OciConfig base = OciConfig.fromJson(BASE, BUNDLE);
        String path = field.replaceAll("\\[\\]", "");
        switch (rows().get(field)) {
            case "refused" ->
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> OciConfig.fromJson(json, BUNDLE))
                            .satisfies(e ->
                                    assertThat(e.getMessage().replaceAll("\\[\\d+\\]", ""))
                                            .containsPattern(": " + top(path)));
            case "said" ->
                    assertThat(OciConfig.fromJson(json, BUNDLE).notHonoured())
                            .anySatisfy(note -> assertThat(note).startsWith(path + ": "));
            case "as it is" -> {
                OciConfig read = OciConfig.fromJson(json, BUNDLE);
                assertThat(read.spec()).isEqualTo(base.spec());
                assertThat(read.notHonoured()).isEmpty();
            }
            default -> {
                OciConfig read = OciConfig.fromJson(json, BUNDLE);
                assertThat(
                                List.of(
                                        read.spec(),
                                        read.command().toString(),
                                        read.command().terminal()))
                        .isNotEqualTo(
                                List.of(
                                        base.spec(),
                                        base.command().toString(),
                                        base.command().terminal()));
                assertThat(read.notHonoured())
                        .noneSatisfy(note -> assertThat(note).startsWith(path + ": "));
            }
        }
    }

    /// `hooks` is refused as a whole.
    private static String top(String path) {
        return path.startsWith("hooks.") ? "hooks" : path.replace(".", "\\.");
    }

    private static void put(ObjectNode tree, String field, JsonNode value) {
        ObjectNode at = tree;
        String[] words = field.split("\\.");
        for (int i = 0; i < words.length - 1; i++) {
            if (words[i].endsWith("[]")) {
                ArrayNode array = (ArrayNode) at.get(words[i].replace("[]", ""));
                at = (ObjectNode) array.get(array.size() - 1);
            } else {
                at = at.has(words[i]) ? (ObjectNode) at.get(words[i]) : at.putObject(words[i]);
            }
        }
        at.set(words[words.length - 1], value);
        if (field.equals("process.consoleSize")) {
            at.put("terminal", true);
        }
    }

    @Test
    void whatIsUnknownIsSaid() {
        OciConfig config =
                OciConfig.fromJson(BASE.replaceFirst("\\{", "{\"colour\": \"red\","), BUNDLE);
        assertThat(config.notHonoured())
                .containsExactly("colour: not in version 1.2 of the OCI runtime specification");
        assertThat(OciConfig.fromJson(BASE, BUNDLE).notHonoured()).isEmpty();
    }
}
