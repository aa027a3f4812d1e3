package io.cloister.samples.build.step;

import io.cloister.sandbox.Bytes;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Results by key: a directory for each, which appears as a whole, and is compared with its list of
/// contents before it is used.
final class StepCache {
    private static final String MANIFEST = "manifest.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final FileAttribute<?> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path entries;
    private final Path unfinished;
    private final Bytes size;
    private final Consumer<String> said;

    /// What an entry holds.
    ///
    /// @param files paths to `rwxr-xr-x` and a digest, or `d` for a directory
    /// @param digest of the list itself
    private record Manifest(Map<String, String> files, String digest) {
        Manifest {
            if (files == null || digest == null || files.containsValue(null)) {
                throw new IllegalArgumentException("a part is missing");
            }
        }

        static Manifest of(Map<String, String> files) {
            Digest digest = new Digest();
            files.forEach((path, content) -> digest.add(path).add(content));
            return new Manifest(files, digest.hex());
        }
    }

    /// @param directory of the cache, which is made
    /// @param size that all entries may have together
    /// @param said is told of entries that cannot be used
    StepCache(Path directory, Bytes size, Consumer<String> said) throws IOException {
        Path made = Files.createDirectories(directory, OWNERS);
        checkOwner(made);
        this.entries = Files.createDirectories(directory.resolve("entries"));
        this.unfinished = Files.createDirectories(directory.resolve("unfinished"));
        this.size = size;
        this.said = said;
    }

    /// Whoever can write to a cache can put results into it.
    private static void checkOwner(Path directory) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
        UserPrincipal owner = Files.getOwner(directory);
        if (!owner.equals(Files.getOwner(Path.of("/proc/self")))
                || mode.contains(PosixFilePermission.GROUP_WRITE)
                || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IllegalArgumentException(
                    "the cache %s belongs to %s and has the mode %s: others can put results into it;"
                                    .formatted(
                                            directory, owner, PosixFilePermissions.toString(mode))
                            + " name one of your own, with the mode rwx------");
        }
    }

    /// A new directory, for what is to be stored.
    Path begin() throws IOException {
        return Files.createTempDirectory(unfinished, "step-");
    }

    /// The directory of an entry that is whole.
    Optional<Path> find(String key) throws IOException {
        Path entry = entries.resolve(key);
        if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Optional<String> fault = fault(entry);
        if (fault.isPresent()) {
            said.accept(
                    "the cache's entry %s is damaged, and dropped: %s".formatted(key, fault.get()));
            Trees.delete(entry);
            return Optional.empty();
        }
        Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
        return Optional.of(entry);
    }

    private static Optional<String> fault(Path entry) throws IOException {
        try {
            Path file = entry.resolve(MANIFEST);
            Manifest manifest = JSON.readValue(Files.readAllBytes(file), Manifest.class);
            if (manifest == null || !Manifest.of(new TreeMap<>(manifest.files)).equals(manifest)) {
                return Optional.of(MANIFEST + " is not what was written");
            }
            Map<String, String> found = contents(entry);
            found.remove(MANIFEST);
            return found.equals(manifest.files)
                    ? Optional.empty()
                    : Optional.of(difference(manifest.files, found) + " is not what was written");
        } catch (JacksonException e) {
            return Optional.of(MANIFEST + " cannot be read: " + e.getOriginalMessage());
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    private static String difference(Map<String, String> one, Map<String, String> other) {
        return Stream.concat(one.keySet().stream(), other.keySet().stream())
                .filter(path -> !String.valueOf(one.get(path)).equals(other.get(path)))
                .findFirst()
                .orElse(MANIFEST);
    }

    /// Stores a directory of [#begin()].
    ///
    /// @return where it is now
    Path store(String key, Path directory) throws IOException {
        Manifest manifest = Manifest.of(contents(directory));
        Files.write(directory.resolve(MANIFEST), JSON.writeValueAsBytes(manifest));
        Path entry = entries.resolve(key);
        try {
            Files.move(directory, entry, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            // Someone else was faster: the same key is the same result.
            Trees.delete(directory);
        }
        evict(entry);
        return entry;
    }

    /// Paths to modes and digests; links and devices, which nobody puts there, to a word.
    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.filter(it -> !it.equals(directory)).toList()) {
                String mode =
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
                String content =
                        Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                                ? "d"
                                : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                                        ? mode + " " + Digest.of(path)
                                        : "neither file nor directory";
                contents.put(directory.relativize(path).toString(), content);
            }
        }
        return contents;
    }

    /// Drops those that were not used for longest, never the newest one.
    private synchronized void evict(Path newest) throws IOException {
        record Entry(Path path, FileTime used, long size) {}
        List<Entry> all = new ArrayList<>();
        try (Stream<Path> paths = Files.list(entries)) {
            for (Path path : paths.toList()) {
                all.add(new Entry(path, Files.getLastModifiedTime(path), Trees.size(path)));
            }
        }
        all.sort(Comparator.comparing(Entry::used));
        long total = all.stream().mapToLong(Entry::size).sum();
        for (Entry entry : all) {
            if (total <= size.value()) {
                return;
            }
            if (!entry.path.equals(newest)) {
                Trees.delete(entry.path);
                total -= entry.size;
            }
        }
    }
}
