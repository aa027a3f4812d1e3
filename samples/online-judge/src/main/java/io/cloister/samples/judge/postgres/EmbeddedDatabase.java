package io.cloister.samples.judge.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;

/// A PostgreSQL server of this JVM's own, on a port of the loopback device.
///
/// All users of the host reach that port, and the server runs as the user of this JVM: so it asks
/// for a password, which only that user can read. It ends with the JVM; see [Warden].
final class EmbeddedDatabase implements AutoCloseable {
    static final String USER = "postgres";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedPostgres server;
    private final String password;
    private final Warden warden;
    private final FileChannel lock;

    private EmbeddedDatabase(
            EmbeddedPostgres server, String password, Warden warden, FileChannel lock) {
        this.server = server;
        this.password = password;
        this.warden = warden;
        this.lock = lock;
    }

    static EmbeddedDatabase start(DatabaseProperties properties) {
        try {
            Home home = Home.of(properties.directory());
            FileChannel lock = home.lock();
            Warden warden = Warden.of(home);
            try {
                return start(home, Home.privateDirectory(properties.programs()), warden, lock);
            } catch (IOException | RuntimeException | Error e) {
                warden.close();
                lock.close();
                throw new IllegalStateException(
                        "cannot start PostgreSQL in %s: %s; name a database of yours as"
                                        .formatted(home.directory(), e.getMessage())
                                + " spring.datasource.url",
                        e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot make the directory of the database: " + e.getMessage(), e);
        }
    }

    private static EmbeddedDatabase start(Home home, Path programs, Warden warden, FileChannel lock)
            throws IOException {
        LOG.info("starting PostgreSQL, which is unpacked the first time, in {}", home.directory());
        // It makes this directory writable for all, which the one above is not.
        System.setProperty("ot.epg.working-dir", programs.resolve("unpacked").toString());
        String password = home.password();
        EmbeddedPostgres server =
                EmbeddedPostgres.builder()
                        .setDataDirectory(home.data())
                        .setCleanDataDirectory(!home.kept())
                        // The context ends it, after all who use it.
                        .setRegisterShutdownHook(false)
                        .setPGStartupWait(PATIENCE)
                        .setLocaleConfig("locale", "C.UTF-8")
                        .setLocaleConfig("auth", "scram-sha-256")
                        .setLocaleConfig("pwfile", home.passwordFile().toString())
                        .setConnectConfig("password", password)
                        // Else a crash of the host takes what was committed.
                        .setServerConfig("fsync", onWhere(home.kept()))
                        .setServerConfig("synchronous_commit", onWhere(home.kept()))
                        .setServerConfig("full_page_writes", onWhere(home.kept()))
                        .setServerConfig("listen_addresses", "127.0.0.1")
                        .setServerConfig("unix_socket_directories", "''")
                        .start();
        EmbeddedDatabase database = new EmbeddedDatabase(server, password, warden, lock);
        Home.write(
                home.connectionFile(),
                """
                spring.datasource.url=%s
                spring.datasource.username=%s
                spring.datasource.password=%s
                """
                        .formatted(database.url(), USER, password));
        LOG.info(
                "PostgreSQL listens on port {}; workers join with --spring.config.import={}",
                server.getPort(),
                home.connectionFile());
        return database;
    }

    private static String onWhere(boolean wanted) {
        return wanted ? "on" : "off";
    }

    String password() {
        return password;
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(server.getPort());
    }

    @Override
    public void close() throws IOException {
        server.close();
        warden.close();
        lock.close();
    }
}
