package io.cloister.samples.judge.postgres;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/// The directory of a database, which only its owner can read.
///
/// @param directory the directory
/// @param kept whether it outlives the JVM
record Home(Path directory, boolean kept) {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int PASSWORD_BYTES = 24;

    static Home of(@Nullable Path directory) throws IOException {
        return directory == null
                ? new Home(Files.createTempDirectory("cloister-judge-", PRIVATE_DIRECTORY), false)
                : new Home(privateDirectory(directory.toAbsolutePath()), true);
    }

    static Path privateDirectory(Path directory) throws IOException {
        return Files.createDirectories(directory, PRIVATE_DIRECTORY);
    }

    /// {@return what keeps all other JVMs from a database in this directory until it is closed}
    FileChannel lock() throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This JVM has it already.
        }
        channel.close();
        throw new IllegalStateException(
                ("%s has a database of another judge that runs; join that one with"
                                + " --spring.config.import=%s, or name another directory as"
                                + " judge.database.directory")
                        .formatted(directory, connectionFile()));
    }

    Path data() {
        return directory.resolve("data");
    }

    Path passwordFile() {
        return directory.resolve("password");
    }

    Path connectionFile() {
        return directory.resolve("connection.properties");
    }

    /// {@return the password of the database, a new one if it has none yet}
    String password() throws IOException {
        if (!Files.exists(passwordFile())) {
            byte[] random = new byte[PASSWORD_BYTES];
            new SecureRandom().nextBytes(random);
            write(passwordFile(), HexFormat.of().formatHex(random));
        }
        return Files.readString(passwordFile());
    }

    static void write(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PRIVATE_FILE);
        Files.writeString(file, text);
    }
}
