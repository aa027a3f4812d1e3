package io.cloister.samples.judge.compile;

import io.cloister.sandbox.Bytes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// A directory of artifacts, each below the hash of what it was made of. Thread-safe; one process
/// uses it at a time.
///
/// An artifact is there whole or not at all: it is made beside its place and moved there. When they
/// have become too many bytes those go that nobody has used for longest; one in use never goes.
final class ArtifactCache {
    private static final String UNFINISHED = ".new-";
    private static final int MOST_FAILURES = 256;

    private final Path directory;
    private final Bytes most;
    private final AtomicLong numbers = new AtomicLong();

    /// In the order of their use.
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /// The last sources that could not be compiled: those that send one again wait for no compiler.
    private final Map<String, CompileErrorException> failures =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<String, CompileErrorException> eldest) {
                    return size() > MOST_FAILURES;
                }
            };

    private static final class Entry {
        private final ReentrantLock making = new ReentrantLock();
        private int users;
        private long bytes = -1;

        boolean isMade() {
            return bytes >= 0;
        }
    }

    /// Makes an artifact.
    interface Maker {
        /// Makes it as a new directory.
        ///
        /// @param directory what it is to become; does not exist yet
        void make(Path directory) throws CompileErrorException, InterruptedException;
    }

    /// Takes over what an earlier process left there.
    ArtifactCache(Path directory, Bytes most) {
        this.most = most;
        try {
            this.directory = PrivateDirectory.of(directory);
            try (Stream<Path> left = Files.list(this.directory)) {
                for (Path path : left.sorted(Comparator.comparing(ArtifactCache::used)).toList()) {
                    adopt(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the artifacts in " + directory, e);
        }
    }

    private void adopt(Path path) throws IOException {
        String name = path.getFileName().toString();
        if (name.startsWith(UNFINISHED)) {
            delete(path);
        } else {
            Entry entry = new Entry();
            entry.bytes = size(path);
            entries.put(name, entry);
        }
    }

    private static FileTime used(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The artifact of a key; made if it is not there, by one caller at a time.
    Artifact get(String key, Maker maker)
            throws CompileErrorException, InterruptedException, IOException {
        Entry entry = take(key);
        boolean done = false;
        try {
            entry.making.lockInterruptibly();
            try {
                boolean cached = entry.isMade();
                if (!cached) {
                    requireNoFailure(key);
                    make(key, entry, maker);
                }
                Path place = directory.resolve(key);
                Files.setLastModifiedTime(place, FileTime.fromMillis(System.currentTimeMillis()));
                done = true;
                return new Artifact(place, cached, () -> release(entry));
            } finally {
                entry.making.unlock();
            }
        } finally {
            if (!done) {
                release(entry);
            }
        }
    }

    private synchronized void requireNoFailure(String key) throws CompileErrorException {
        CompileErrorException failure = failures.get(key);
        if (failure != null) {
            throw new CompileErrorException(failure.getMessage(), failure.compilerOutput());
        }
    }

    private synchronized Entry take(String key) {
        Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
        entry.users++;
        return entry;
    }

    private synchronized void release(Entry entry) {
        entry.users--;
        if (!entry.isMade() && entry.users == 0) {
            entries.values().remove(entry);
        }
    }

    private void make(String key, Entry entry, Maker maker)
            throws CompileErrorException, InterruptedException, IOException {
        Path unfinished = directory.resolve(UNFINISHED + numbers.incrementAndGet());
        try {
            maker.make(unfinished);
            long bytes = size(unfinished);
            Files.move(unfinished, directory.resolve(key), StandardCopyOption.ATOMIC_MOVE);
            synchronized (this) {
                entry.bytes = bytes;
            }
        } catch (CompileErrorException e) {
            synchronized (this) {
                failures.put(key, e);
            }
            throw e;
        } finally {
            if (Files.exists(unfinished)) {
                delete(unfinished);
            }
        }
        makeRoom();
    }

    private synchronized void makeRoom() throws IOException {
        long bytes = entries.values().stream().mapToLong(entry -> Math.max(0, entry.bytes)).sum();
        for (Map.Entry<String, Entry> oldest : List.copyOf(entries.entrySet())) {
            Entry entry = oldest.getValue();
            if (bytes > most.value() && entry.users == 0 && entry.isMade()) {
                // Moved first, so that a process killed meanwhile leaves no half of it.
                Path removed = directory.resolve(UNFINISHED + numbers.incrementAndGet());
                Files.move(
                        directory.resolve(oldest.getKey()),
                        removed,
                        StandardCopyOption.ATOMIC_MOVE);
                delete(removed);
                entries.remove(oldest.getKey());
                bytes -= entry.bytes;
            }
        }
    }

    private static long size(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            return all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
