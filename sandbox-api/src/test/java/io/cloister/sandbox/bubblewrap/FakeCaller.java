package io.cloister.sandbox.bubblewrap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A process on a host that exists only in tests.
final class FakeCaller implements BubblewrapCaller {
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<Integer, String> descriptors = new LinkedHashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();
    private final Set<String> paths =
            new TreeSet<>(
                    Set.of("/", "/usr", "/usr/lib64", "/etc", "/tmp", "/dev", "/dev/dri", "/proc"));
    private final Set<String> shut = new TreeSet<>();
    private String directory = "/home/ann";
    private int uid = 1000;

    FakeCaller() {
        environment.put("PATH", "/usr/bin");
        environment.put("HOME", "/home/ann");
        paths.add("/home");
        paths.add("/home/ann");
    }

    FakeCaller variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    FakeCaller descriptor(int number, String text) {
        descriptors.put(number, text);
        return this;
    }

    FakeCaller path(String path) {
        paths.add(path);
        return this;
    }

    /// A link by its whole path.
    FakeCaller link(String path, String target) {
        links.put(path, target);
        return this;
    }

    FakeCaller shut(String path) {
        shut.add(path);
        return path(path);
    }

    FakeCaller in(String path) {
        directory = path;
        return path(path);
    }

    FakeCaller root() {
        uid = 0;
        return this;
    }

    @Override
    public Path directory() {
        return Path.of(directory);
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return uid + 1;
    }

    @Override
    public int umask() {
        return 027;
    }

    @Override
    public String hostName() {
        return "fake";
    }

    @Override
    public byte[] read(int descriptor) {
        String text = descriptors.remove(descriptor);
        if (text == null) {
            throw new UncheckedIOException(
                    "cannot read descriptor " + descriptor, new IOException("not open"));
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<Path> find(Path path) {
        String text = path.normalize().toString();
        for (Map.Entry<String, String> link : links.entrySet()) {
            if (Layout.isAtOrBelow(link.getKey(), text)) {
                text = link.getValue() + text.substring(link.getKey().length());
            }
        }
        return paths.contains(text) ? Optional.of(Path.of(text)) : Optional.empty();
    }

    @Override
    public boolean canEnter(Path tree, Path directory, boolean writable) {
        return paths.contains(directory.toString()) && !shut.contains(directory.toString());
    }
}
