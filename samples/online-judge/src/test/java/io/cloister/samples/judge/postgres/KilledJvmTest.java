package io.cloister.samples.judge.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What a JVM leaves of its database when it is killed.
@Tag("kernel")
@Timeout(120)
class KilledJvmTest {
    @TempDir Path temporary;

    /// Starts a database, says so, and waits to be killed.
    static final class Starting {
        public static void main(String[] arguments) throws Exception {
            EmbeddedDatabase.start(
                    new DatabaseProperties(null, Path.of("target/cache/postgresql")));
            System.out.println("ready");
            Thread.currentThread().join();
        }
    }

    @Test
    void aDatabaseIsGoneSoonAfterItsJvm() throws Exception {
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Djava.io.tmpdir=" + temporary,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Starting.class.getName())
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader lines = jvm.inputReader()) {
            assertThat(lines.lines().anyMatch("ready"::equals)).isTrue();
            Path home = onlyEntry();
            long pid = pid(home.resolve("data/postmaster.pid"));
            assertThat(isRunning(pid)).isTrue();

            jvm.destroyForcibly().waitFor();
            while (Files.exists(home) || isRunning(pid)) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } finally {
            jvm.destroyForcibly().waitFor();
        }
    }

    private Path onlyEntry() throws IOException {
        try (var entries = Files.newDirectoryStream(temporary, "cloister-judge-*")) {
            List<Path> all = new ArrayList<>();
            entries.forEach(all::add);
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private static long pid(Path file) throws IOException {
        return Long.parseLong(Files.readAllLines(file).getFirst().strip());
    }

    /// Whoever should wait for it may be slow to do so.
    private static boolean isRunning(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        return Files.exists(status) && !Files.readString(status).contains("State:\tZ");
    }
}
