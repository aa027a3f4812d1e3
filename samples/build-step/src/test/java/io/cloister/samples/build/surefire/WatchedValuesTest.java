package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

class WatchedValuesTest {
    @TempDir Path directory;

    private final Hidden hidden =
            new Hidden(
                    Path.of("/home/ann/project"),
                    List.of(Path.of("/home/ann"), Path.of("/etc/shadow")),
                    Set.of(Path.of("/home/ann/project"), Path.of("/home/ann/.m2/repository")),
                    path -> !path.endsWith("missing"));

    @ParameterizedTest
    @CsvSource({
        "/home/ann/.ssh/id_rsa, true",
        "../.ssh/id_rsa, true",
        "/tmp/../home/ann/.gnupg, true",
        "/home/ann/.m2/settings.xml, true",
        "/etc/shadow, true",
        "//home//ann/.ssh/id_rsa, true",
        "/home/ann/missing, false",
        "/home/ann/.m2/repository/a.jar, false",
        "/home/ann/.m2, false",
        "/home/ann, false",
        "pom.xml, false",
        "/usr/lib, false",
        "/home/ann2, false",
    })
    void filesOfTheUserAreHidden(String path, boolean isHidden) {
        assertThat(hidden.look(path).isPresent()).isEqualTo(isHidden);
    }

    @ParameterizedTest
    @CsvSource({
        "02 00 00 50 c0 00 02 01 00 00 00 00 00 00 00 00, 192.0.2.1:80, false",
        "02 00 00 50 7f 00 00 01 00 00 00 00 00 00 00 00, 127.0.0.1:80, true",
        "0a 00 00 50 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 01, 192.0.2.1:80,"
                + " false",
        "0a 00 00 50 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01,"
                + " [0:0:0:0:0:0:0:1]:80, true",
    })
    void addressesAreRead(String bytes, String text, boolean isInside) {
        SocketAddress address =
                SocketAddress.of(HexFormat.ofDelimiter(" ").parseHex(bytes)).orElseThrow();
        assertThat(address).hasToString(text);
        assertThat(address.isInside()).isEqualTo(isInside);
    }

    @Test
    void addressesThatAreCutOffOrOfOtherFamiliesAreNone() {
        assertThat(SocketAddress.of(new byte[] {2, 0, 0, 80, 1})).isEmpty();
        assertThat(SocketAddress.of(new byte[] {16, 0, 0, 0})).isEmpty();
        assertThat(SocketAddress.path("\1\0/run/x\0".getBytes(StandardCharsets.UTF_8)))
                .contains("/run/x");
    }

    @Test
    void theNameOfAQueryIsRead() {
        String header = "\u0012\u0034\u0001\0\0\u0001\0\0\0\0\0\0";
        byte[] query =
                (header + "\u0007example\3org\0\0\1\0\1").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(DnsQuestion.name(query)).contains("example.org");
        assertThat(DnsQuestion.name(new byte[20])).isEmpty();
        assertThat(
                        DnsQuestion.name(
                                "\u0012\u0034\1\0\0\1\0\0\0\0\0\0\77x"
                                        .getBytes(StandardCharsets.ISO_8859_1)))
                .isEmpty();
    }

    @Test
    void whatIsBesideTheTestsIsLeftAndTheSandboxsOwnProcessesAreNot() {
        List<ProcessEntry> all =
                List.of(
                        new ProcessEntry(1, 0, false, false, "init"),
                        new ProcessEntry(10, 1, false, false, "launcher"),
                        new ProcessEntry(11, 10, true, false, "first"),
                        new ProcessEntry(12, 11, true, false, "tests"),
                        new ProcessEntry(13, 12, true, false, "child"),
                        new ProcessEntry(14, 11, true, false, "daemon"),
                        new ProcessEntry(15, 14, true, false, "its child"),
                        new ProcessEntry(16, 11, true, true, "dead"),
                        new ProcessEntry(20, 10, true, false, "another sandbox"));
        assertThat(ProcessEntry.beside(12, all))
                .extracting(ProcessEntry::command)
                .containsExactlyInAnyOrder("child", "daemon", "its child");
    }

    @Test
    void whatATestWroteIsBoundedAndVisible() {
        Act act = new Act(Act.Kind.LEFT, "sleep\u001b[2J" + "x".repeat(500), "T\n");
        assertThat(act.toString())
                .contains("sleep\\u{1b}[2J")
                .endsWith("...")
                .startsWith("T\\u{a} ");
    }

    @Test
    void reportsOfOneBuildAreOne() throws IOException {
        Act first = new Act(Act.Kind.DIAL, "192.0.2.1:80", "ATest");
        Act second = new Act(Act.Kind.READ, "/etc/shadow", "BTest");
        new Report("b", 0, "/j", 1, List.of(first), List.of()).write(directory);
        Path file = new Report("b", 0, "/j", 1, List.of(second), List.of()).write(directory);
        assertThat(Files.readString(file)).contains("192.0.2.1:80", "/etc/shadow");
        new Report("c", 0, "/j", 1, List.of(), List.of()).write(directory);
        assertThat(Files.readString(file)).doesNotContain("192.0.2.1:80");
    }

    @Test
    void aLinkInThePlaceOfTheReportIsReplaced() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.createSymbolicLink(directory.resolve(Report.FILE), victim);
        new Report("b", 0, "/j", 1, List.of(), List.of()).write(directory);
        assertThat(victim).hasContent("mine");
        assertThat(directory.resolve(Report.FILE)).isRegularFile();
    }

    @Test
    void theEnvironmentComesBeforeTheModuleAndThatBeforeTheProject() throws IOException {
        Path module = Files.createDirectory(directory.resolve("module"));
        Files.writeString(
                directory.resolve("sandbox.properties"), "pids=1\ncpu-time=1m\nmemory=1g");
        Files.writeString(module.resolve("sandbox.properties"), "pids=2\ncpu-time=2m");
        Settings settings =
                Settings.read(Map.of("BUILD_STEP_CPU_TIME", "90s"), List.of(module, directory));
        assertThat(settings.time("cpu-time")).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.count("pids")).isEqualTo(2);
        assertThat(settings.text("memory")).isEqualTo("1g");
        assertThat(settings.text("output")).isEqualTo("1g");
    }

    @Test
    void aSettingThatIsNoneIsRefusedByName() throws IOException {
        Files.writeString(directory.resolve("sandbox.properties"), "pid=1");
        assertThatThrownBy(() -> Settings.read(Map.of(), List.of(directory)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"pid\"")
                .hasMessageContaining("pids");
    }
}
