package io.cloister.sandbox.syscall.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Profiles as JSON.
class SeccompProfileTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /// Every field that Docker's profiles have.
    private static final String DOCKER =
            """
            {"defaultAction":"SCMP_ACT_ERRNO",
             "defaultErrnoRet":1,
             "archMap":[
               {"architecture":"SCMP_ARCH_X86_64",
                "subArchitectures":["SCMP_ARCH_X86","SCMP_ARCH_X32"]},
               {"architecture":"SCMP_ARCH_RISCV64","subArchitectures":null}],
             "syscalls":[
               {"names":["write","read","write","no_such_call"],"action":"SCMP_ACT_ALLOW","args":[],
                "comment":"","includes":{},"excludes":{}},
               {"name":"ptrace","action":"SCMP_ACT_ALLOW","args":null,"comment":"two\\nlines",
                "includes":{"minKernel":"4.8"},
                "excludes":{"caps":["CAP_SYS_PTRACE","CAP_NO_SUCH"],"arches":["s390"]}},
               {"names":["personality"],"action":"SCMP_ACT_ERRNO","errnoRet":38,
                "args":[{"index":0,"value":18446744073709551615,"valueTwo":0,"op":"SCMP_CMP_EQ"},
                        {"index":5,"value":4294967295,"valueTwo":9223372036854775808,
                         "op":"SCMP_CMP_MASKED_EQ"}],
                "includes":{"arches":["amd64","x32"],"caps":["CAP_SYS_ADMIN"]}}]}
            """;

    /// Every field of `linux.seccomp`.
    private static final String OCI =
            """
            {"defaultAction":"SCMP_ACT_KILL_PROCESS",
             "architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X32"],
             "flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_OF_LATER"],
             "listenerPath":"/run/listener","listenerMetadata":"some text",
             "syscalls":[
               {"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"},
               {"names":["getpid"],"action":"SCMP_ACT_TRACE","errnoRet":4294967295},
               {"names":["a"],"action":"SCMP_ACT_KILL"},
               {"names":["b"],"action":"SCMP_ACT_KILL_THREAD"},
               {"names":["c"],"action":"SCMP_ACT_TRAP"},
               {"names":["d"],"action":"SCMP_ACT_LOG",
                "args":[{"index":0,"value":1,"op":"SCMP_CMP_NE"},
                        {"index":1,"value":2,"op":"SCMP_CMP_LT"},
                        {"index":2,"value":3,"op":"SCMP_CMP_LE"},
                        {"index":3,"value":4,"op":"SCMP_CMP_GE"},
                        {"index":4,"value":5,"valueTwo":6,"op":"SCMP_CMP_GT"}]}]}
            """;

    /// What is written, against what was read, without what means nothing.
    private static void isWrittenAsRead(String json) {
        SeccompProfile profile = SeccompProfile.fromJson(json);
        String written = profile.toJson();
        assertThat(stripped(MAPPER.readTree(written))).isEqualTo(stripped(MAPPER.readTree(json)));
        assertThat(SeccompProfile.fromJson(written)).isEqualTo(profile);
    }

    /// Without members that are null or empty, and without a `valueTwo` of 0.
    private static JsonNode stripped(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode copy = MAPPER.createObjectNode();
            object.properties()
                    .forEach(member -> {
                        JsonNode value = stripped(member.getValue());
                        boolean zero =
                                member.getKey().equals("valueTwo")
                                        && value.bigIntegerValue().signum() == 0;
                        boolean empty =
                                value.isNull()
                                        || value.isContainer() && value.isEmpty()
                                        || value.isString() && value.stringValue().isEmpty();
                        if (!zero && !empty) {
                            copy.set(member.getKey(), numbersAsBig(value));
                        }
                    });
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = MAPPER.createArrayNode();
            array.forEach(element -> copy.add(stripped(element)));
            return copy;
        }
        return node;
    }

    private static JsonNode numbersAsBig(JsonNode node) {
        return node.isIntegralNumber()
                ? MAPPER.getNodeFactory().numberNode(node.bigIntegerValue())
                : node;
    }

    @Test
    void aProfileOfDockerIsWrittenAsRead() {
        isWrittenAsRead(DOCKER);
    }

    @Test
    void aProfileOfOciIsWrittenAsRead() {
        isWrittenAsRead(OCI);
    }

    @Test
    void theProfileThatPodmanHasIsWrittenAsRead() throws Exception {
        Path file = Path.of("/usr/share/containers/seccomp.json");
        Assumptions.assumeTrue(
                Files.isReadable(file),
                "no profile of Podman here: install the Debian package"
                        + " golang-github-containers-common");
        isWrittenAsRead(Files.readString(file));
        assertThat(SeccompProfile.read(file).syscalls()).hasSizeGreaterThan(20);
    }

    @Test
    void everyPartOfAProfileIsThere() {
        SeccompProfile docker = SeccompProfile.fromJson(DOCKER);
        assertThat(docker.defaultAction()).isEqualTo(SeccompAction.ERRNO);
        assertThat(docker.defaultErrnoRet()).hasValue(1);
        assertThat(docker.archMap())
                .containsExactly(
                        new ArchitectureMapping(
                                "SCMP_ARCH_X86_64", List.of("SCMP_ARCH_X86", "SCMP_ARCH_X32")),
                        new ArchitectureMapping("SCMP_ARCH_RISCV64", List.of()));
        assertThat(docker.syscalls().getFirst())
                .isEqualTo(
                        SeccompEntry.of(
                                List.of("write", "read", "write", "no_such_call"),
                                SeccompAction.ALLOW));
        assertThat(docker.syscalls().get(1).comment()).isEqualTo("two\nlines");
        assertThat(docker.syscalls().get(1).name()).contains("ptrace");
        assertThat(docker.syscalls().get(1).excludes())
                .isEqualTo(
                        new SeccompScope(
                                List.of("CAP_SYS_PTRACE", "CAP_NO_SUCH"),
                                Optional.empty(),
                                List.of("s390")));
        assertThat(docker.syscalls().get(2))
                .isEqualTo(
                        new SeccompEntry(
                                List.of("personality"),
                                Optional.empty(),
                                SeccompAction.ERRNO,
                                OptionalLong.of(38),
                                Optional.empty(),
                                List.of(
                                        new SeccompArgument(0, -1, 0, SeccompOperator.EQ),
                                        new SeccompArgument(
                                                5,
                                                0xffffffffL,
                                                Long.MIN_VALUE,
                                                SeccompOperator.MASKED_EQ)),
                                "",
                                new SeccompScope(
                                        List.of("CAP_SYS_ADMIN"),
                                        Optional.empty(),
                                        List.of("amd64", "x32")),
                                SeccompScope.NONE));
        SeccompProfile oci = SeccompProfile.fromJson(OCI);
        assertThat(oci.listenerPath()).contains("/run/listener");
        assertThat(oci.listenerMetadata()).contains("some text");
        assertThat(oci.syscalls().get(5).args().get(4))
                .isEqualTo(new SeccompArgument(4, 5, 6, SeccompOperator.GT));
    }

    @Test
    void namesOfErrorsAreKept() {
        isWrittenAsRead(
                """
                {"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS","syscalls":[
                 {"names":["read"],"action":"SCMP_ACT_ERRNO","errno":"EPERM","errnoRet":1}]}
                """);
    }

    @Test
    void aProfileIsToldFromAPolicy() {
        assertThat(SeccompProfile.isProfile(DOCKER)).isTrue();
        assertThat(SeccompProfile.isProfile(OCI)).isTrue();
        assertThat(SeccompProfile.isProfile("\"standard\"")).isFalse();
        assertThat(SeccompProfile.isProfile("{\"otherwise\":\"EPERM\"}")).isFalse();
    }

    @Test
    void aProfileIsKeptInAFile(@TempDir Path directory) {
        Path file = directory.resolve("profile.json");
        SeccompProfile profile = SeccompProfile.fromJson(OCI);
        profile.write(file);
        assertThat(SeccompProfile.read(file)).isEqualTo(profile);
        assertThatThrownBy(() -> SeccompProfile.read(directory.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot read the profile " + directory.resolve("none"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[]|expected an object, was []",
                "{}|field 'defaultAction' must be given",
                "{'defaultAction':'SCMP_ACT_DENY'}|defaultAction: expected one of"
                        + " 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD",
                "{'defaultAction':'SCMP_ACT_KILL','syscals':[]}|syscals: unknown field; did"
                        + " you mean 'syscalls'? Known here: defaultAction, defaultErrnoRet",
                "{'defaultAction':'SCMP_ACT_KILL','architectures':['x86']}|architectures must be a"
                        + " name such as SCMP_ARCH_X86_64, was 'x86'",
                "{'defaultAction':'SCMP_ACT_KILL','defaultErrnoRet':-1}|defaultErrnoRet must be 0"
                        + " to 4294967295, was -1",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a']}]}|syscalls[0]: field"
                        + " 'action' must be given",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a'],"
                        + "'action':'SCMP_ACT_LOG','priority':1}]}|syscalls[0].priority: unknown"
                        + " field",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a'],"
                        + "'action':'SCMP_ACT_LOG','includes':{'minKernel':'new'}}]}"
                        + "|syscalls[0].includes: minKernel must be a version such as 4.8, was"
                        + " 'new'",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a'],"
                        + "'action':'SCMP_ACT_LOG','args':[{'index':6,'value':0,"
                        + "'op':'SCMP_CMP_EQ'}]}]}|syscalls[0].args[0]: index must be 0 to 5,"
                        + " was 6",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a'],"
                        + "'action':'SCMP_ACT_LOG','args':[{'index':0,"
                        + "'value':18446744073709551616,'op':'SCMP_CMP_EQ'}]}]}"
                        + "|syscalls[0].args[0].value: expected a whole number from 0 to 2^64 - 1",
                "{'defaultAction':'SCMP_ACT_KILL','syscalls':[{'names':['a'],"
                        + "'action':'SCMP_ACT_LOG','args':[{'index':0,'value':0,'op':'=='}]}]}"
                        + "|syscalls[0].args[0].op: expected one of 'SCMP_CMP_NE",
            })
    void aRefusalSaysWhereAndWhy(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.fromJson(json.replace('\'', '"')))
                .satisfies(e ->
                        assertThat(e.getMessage().replaceFirst("line 1, column [0-9]+: ", ""))
                                .startsWith(message.replace('\'', '"')));
    }
}
