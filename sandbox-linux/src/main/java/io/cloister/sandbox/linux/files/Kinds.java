package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;
import static io.cloister.sandbox.linux.program.Linux.S_IFIFO;
import static io.cloister.sandbox.linux.program.Linux.S_IFLNK;
import static io.cloister.sandbox.linux.program.Linux.S_IFREG;
import static io.cloister.sandbox.linux.program.Linux.S_IFSOCK;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.FileKind;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileFacts;

import java.time.Instant;
import java.util.Locale;

/// Translates what the kernel tells of a file.
final class Kinds {

    private Kinds() {}

    static FileKind of(FileFacts facts) {
        return switch (facts.type()) {
            case S_IFREG -> FileKind.FILE;
            case S_IFDIR -> FileKind.DIRECTORY;
            case S_IFLNK -> FileKind.LINK;
            case S_IFIFO -> FileKind.FIFO;
            case S_IFSOCK -> FileKind.SOCKET;
            default -> FileKind.DEVICE;
        };
    }

    static String word(FileFacts facts) {
        return of(facts).name().toLowerCase(Locale.ROOT);
    }

    static SandboxFileEntry entry(SandboxPath path, FileFacts facts) {
        return new SandboxFileEntry(
                path,
                of(facts),
                Bytes.of(Math.max(0, facts.size())),
                facts.permissions(),
                Integer.toUnsignedLong(facts.links()),
                instant(facts.modified()),
                instant(facts.accessed()),
                instant(facts.changed()));
    }

    /// A program may have chosen a time that Java has no word for.
    private static Instant instant(FileFacts.Time time) {
        if (time.seconds() > Instant.MAX.getEpochSecond()) {
            return Instant.MAX;
        }
        if (time.seconds() < Instant.MIN.getEpochSecond()) {
            return Instant.MIN;
        }
        return Instant.ofEpochSecond(time.seconds(), time.nanos());
    }
}
