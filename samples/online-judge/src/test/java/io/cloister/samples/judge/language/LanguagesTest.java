package io.cloister.samples.judge.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.yaml.InvalidFieldException;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Outcome;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class LanguagesTest {
    private static final String JAVA =
            """
            - id: java99
              name: Java 99
              extensions: [java]
              jdk: 99
              source: Main.java
              version: ["{jdk}/bin/java", -version]
              compile: ["{jdk}/bin/javac", Main.java]
              run: ["{jdk}/bin/java", "-Xmx{memory}m", Main]
              syscalls: judge
              time: 1.5
              memory: 100
              processes: 7
              outOfMemory: 3
            """;

    @Test
    void aDescriptionIsReadAndGetsItsJdk() {
        List<Language> described = Languages.read("test", JAVA);
        Language java = described.getFirst().withJdk(Path.of("/jdk"));
        assertThat(java.run(Bytes.mebibytes(64)))
                .containsExactly("/jdk/bin/java", "-Xmx64m", "Main");
        assertThat(java.time(Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(1500));
        assertThat(java.memory(Bytes.mebibytes(64))).isEqualTo(Bytes.mebibytes(164));
        assertThat(java.outOfMemory()).contains(new Outcome.Exited(3));
        assertThat(java.processes()).isEqualTo(7);
    }

    @Test
    void aLanguageThatTheHostLacksIsLeftOutWithAReason() {
        List<Language> described = Languages.read("test", JAVA);
        Languages without = Languages.choose(described, Map.of());
        assertThat(without.available()).isEmpty();
        assertThat(without.missing().get("java99")).contains("JDK 99", "judge.jdk.99");
        Languages broken = Languages.choose(described, Map.of(99, Path.of("/nowhere")));
        assertThat(broken.missing().get("java99")).contains("/nowhere/bin/java");
    }

    @Tag("kernel")
    @Test
    void theHostHasTheJdkOfThisTest() {
        Languages host = Languages.ofHost();
        assertThat(host.available()).containsKey("java25");
        assertThat(host.ofFile("a/b.java").map(Language::id)).contains("java25");
        assertThat(host.ofFile("a/b.unknown")).isEmpty();
    }

    @Test
    void aDescriptionThatIsWrongIsNamedByField() {
        assertThatThrownBy(() -> Languages.read("test", JAVA.replace("judge", "none")))
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageStartingWith("test: [0].syscalls is no profile");
        assertThatThrownBy(() -> Languages.read("test", JAVA.replace("processes: 7", "procs: 7")))
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageStartingWith("test: [0].procs is unknown");
        assertThatThrownBy(() -> Languages.read("test", JAVA.replace("Memory: 3", "Memory: BOOM")))
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageStartingWith("test: [0].outOfMemory must be an exit code or a signal");
    }

    @Test
    void theVersionOfAJdkIsReadFromItsRelease() {
        assertThat(HostJdks.version("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.1\"\n")).contains(17);
        assertThat(HostJdks.version("JAVA_RUNTIME_VERSION=\"17\"\n")).isEmpty();
    }
}
