package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
        "/proc/self/root/home/ann/.gnupg, true",
        "/proc/1/task/1/root/proc/self/root/etc/shadow, true",
        "/proc/self/status, false",
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
                .extracting(ProcessEntry::name)
                .containsExactlyInAnyOrder("child", "daemon", "its child");
    }

    @Test
    void whatATestWroteIsBoundedAndVisible() {
        Act act = new Act(Act.Kind.LEFT, "sleep\u001b[2J" + "x".repeat(500), "T\n");
        assertThat(act.toString())
                .contains("sleep\\u001b[2J")
                .endsWith("...")
                .startsWith("T\\u000a ");
    }

    @Test
    void theReportsOfForksAreApart() throws IOException {
        Act first = new Act(Act.Kind.DIAL, "192.0.2.1:80", "ATest");
        Act second = new Act(Act.Kind.READ, "/etc/shadow", "BTest");
        Path one = new Report("b-jvmRun1", 0, "/j", 1, List.of(first), List.of()).write(directory);
        Path other =
                new Report("b-jvmRun2", 0, "/j", 1, List.of(second), List.of()).write(directory);
        assertThat(Files.readString(one)).contains("192.0.2.1:80").doesNotContain("/etc/shadow");
        assertThat(Files.readString(other)).contains("/etc/shadow");
    }

    @Test
    void askingDecidesNothing() {
        SyscallPolicy base = SyscallPolicy.build();
        SyscallPolicy watched = Watched.policy(true);
        // O_CREAT, the bits of set-user-ID programs, O_TMPFILE, AT_EMPTY_PATH, AT_FDCWD.
        long[] values = {0, 0x40, 04755, 0x410000, 0x1000, -100};
        for (Syscall call : EnumSet.allOf(Syscall.class)) {
            if (watched.of(call).equals(base.of(call))) {
                continue;
            }
            for (long a : values) {
                for (long b : values) {
                    for (long c : values) {
                        for (long d : values) {
                            SyscallAction asked = watched.decide(call, a, b, c, d);
                            assertThat(asked == SyscallAction.NOTIFY ? SyscallAction.ALLOW : asked)
                                    .as("%s(%x, %x, %x, %x)", call, a, b, c, d)
                                    .isEqualTo(base.decide(call, a, b, c, d));
                        }
                    }
                }
            }
        }
        assertThat(watched.decide(Syscall.OPEN)).isEqualTo(SyscallAction.NOTIFY);
        assertThat(watched.decide(Syscall.OPEN, 0, 0x40, 04755)).isNotEqualTo(SyscallAction.NOTIFY);
    }

    @Test
    void propertiesKeepLettersOfAllAlphabets() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("path", "/home/\u0430\u043d\u043d\u0430");
        Properties read = new Properties();
        read.load(new ByteArrayInputStream(TestPolicy.bytes(properties)));
        assertThat(read).isEqualTo(properties);
    }

    @Test
    void whatOpensTheSandboxIsNotForTheProjectToSay() throws IOException {
        Files.writeString(directory.resolve("sandbox.properties"), "show=/home/ann/.ssh");
        assertThatThrownBy(() -> Settings.read(Map.of(), List.of(directory)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BUILD_STEP_SHOW");
        Settings own =
                Settings.read(Map.of("BUILD_STEP_SHOW", "/opt"), List.of(Path.of("/missing")));
        assertThat(own.list("show")).containsExactly("/opt");
    }

    @Test
    void aDirectoryThatOthersWriteToIsNotTheProject() throws IOException {
        Path module = Files.createDirectories(directory.resolve("module"));
        Files.writeString(directory.resolve("pom.xml"), "<project/>");
        Path home = Path.of("/home/ann");
        assertThat(TestPolicy.project(module, home)).isEqualTo(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(TestPolicy.project(module, home)).isEqualTo(module);
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
