package io.cloister.samples.judge.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A database whose data stay.
@Tag("kernel")
@Timeout(120)
class EmbeddedDatabaseTest {
    @TempDir Path directory;

    private DatabaseProperties properties() {
        return new DatabaseProperties(directory, Path.of("target/cache/postgresql"));
    }

    private static JdbcClient client(EmbeddedDatabase database) {
        return JdbcClient.create(
                new DriverManagerDataSource(
                        database.url(), EmbeddedDatabase.USER, database.password()));
    }

    @Test
    void itIsSafeFromCrashesAndFromASecondJudge() throws Exception {
        try (EmbeddedDatabase first = EmbeddedDatabase.start(properties())) {
            JdbcClient client = client(first);
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                assertThat(client.sql("show " + setting).query(String.class).single())
                        .as(setting)
                        .isEqualTo("on");
            }
            client.sql("create table kept (n int)").update();

            assertThatThrownBy(() -> EmbeddedDatabase.start(properties()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(directory + " has a database of another judge");
            assertThat(client.sql("select count(*) from kept").query(Long.class).single()).isZero();
        }
        try (EmbeddedDatabase next = EmbeddedDatabase.start(properties())) {
            assertThat(client(next).sql("select count(*) from kept").query(Long.class).single())
                    .isZero();
        }
    }

    @Test
    void theWardenEndsTheDatabaseAndNoOtherProcessThatHasItsNumber() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Process database =
                new ProcessBuilder("python3", "-c", "import time; time.sleep(60)", data.toString())
                        .start();
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            guard(other);
            assertThat(other.isAlive()).isTrue();
            guard(database);
            assertThat(database.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            other.destroyForcibly().waitFor();
            database.destroyForcibly().waitFor();
        }
    }

    /// As if PostgreSQL had written that process id, and the JVM were gone.
    private void guard(Process process) throws Exception {
        Path file = directory.resolve("data/postmaster.pid");
        Files.writeString(file, process.pid() + "\n");
        Warden warden = Warden.of(new Home(directory, true));
        try {
            // PostgreSQL takes it away when it ends; the warden waits for that.
            process.onExit().thenRun(file.toFile()::delete);
        } finally {
            warden.close();
        }
    }
}
