package io.cloister.sandbox.bubblewrap;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The JVM as a caller. Source: proc(5).
record ThisProcess(Path directory, Map<String, String> status, String hostName)
        implements BubblewrapCaller {
    private static final int OCTAL = 8;

    static ThisProcess read() {
        try {
            return new ThisProcess(
                    Path.of("").toAbsolutePath(),
                    Files.readAllLines(Path.of("/proc/self/status")).stream()
                            .map(line -> line.split(":\\s*", 2))
                            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1])),
                    Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell who this process is", e);
        }
    }

    @Override
    public Map<String, String> environment() {
        return System.getenv();
    }

    @Override
    public int uid() {
        return effective("Uid");
    }

    @Override
    public int gid() {
        return effective("Gid");
    }

    /// The second of real, effective, saved and file system id.
    private int effective(String field) {
        return Integer.parseInt(status.getOrDefault(field, "").split("\\s+")[1]);
    }

    @Override
    public int umask() {
        return Integer.parseInt(status.getOrDefault("Umask", "022"), OCTAL);
    }

    @Override
    public byte[] read(int descriptor) {
        try (InputStream in = Files.newInputStream(Path.of("/proc/self/fd/" + descriptor))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read descriptor " + descriptor, e);
        }
    }

    @Override
    public Optional<Path> find(Path path) {
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// The sandbox of a JVM that is root has another user, who acts as the owner of what is
    /// writable or shut to others, and else is one of the others.
    @Override
    public boolean canEnter(Path tree, Path directory, boolean writable) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        if (uid() != 0) {
            return Files.isExecutable(directory);
        }
        if (writable || !opensToOthers(tree)) {
            return true;
        }
        for (Path at = directory; at != null && at.startsWith(tree); at = at.getParent()) {
            if (!opensToOthers(at)) {
                return false;
            }
        }
        return true;
    }

    private static boolean opensToOthers(Path directory) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
            return permissions.contains(PosixFilePermission.OTHERS_EXECUTE);
        } catch (IOException e) {
            return false;
        }
    }
}
