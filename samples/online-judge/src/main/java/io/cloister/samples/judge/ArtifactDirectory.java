package io.cloister.samples.judge;

import io.cloister.samples.judge.compile.PrivateDirectory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A directory for what compilers make that no other judge uses: of those in the cache the first
/// that nobody has locked. The lock ends with the JVM, and the next one finds what was made.
final class ArtifactDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private ArtifactDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    static ArtifactDirectory in(Path cache) {
        try {
            for (int number = 1; ; number++) {
                Path path = PrivateDirectory.of(cache.resolve("artifacts-" + number));
                FileChannel channel =
                        FileChannel.open(
                                cache.resolve("artifacts-" + number + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                if (isLocked(channel)) {
                    return new ArtifactDirectory(path, channel);
                }
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot make a directory in %s; name another one as judge.cache"
                            .formatted(cache),
                    e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another judge of this JVM has it.
            return false;
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
