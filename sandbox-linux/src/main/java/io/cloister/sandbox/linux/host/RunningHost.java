package io.cloister.sandbox.linux.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/// The host that this JVM runs on.
final class RunningHost implements HostView {

    @Override
    public Optional<String> text(String path) {
        try {
            // Leniently: names of mount points may be in any encoding.
            return Optional.of(
                    new String(Files.readAllBytes(Path.of(path)), StandardCharsets.UTF_8));
        } catch (IOException e) {
            // Absent, or closed to this process: a finding of the report, told by exists().
            return Optional.empty();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String property(String name) {
        return System.getProperty(name, "");
    }

    @Override
    public Optional<String> program(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String directory : path.split(":")) {
            if (directory.startsWith("/") && Files.isExecutable(Path.of(directory, name))) {
                return Optional.of(directory + "/" + name);
            }
        }
        return Optional.empty();
    }
}
