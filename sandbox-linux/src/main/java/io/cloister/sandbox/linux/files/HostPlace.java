package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.VisibleText;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Objects;

/// A place on the host where a copy comes from or goes to: with no symbolic link on the way, since
/// it may lie where an earlier sandbox could write.
///
/// @param path the place
record HostPlace(Path path) {

    /// @throws IllegalArgumentException if it is not absolute and normalized, or the root
    HostPlace {
        Objects.requireNonNull(path, "path");
        if (path.getFileSystem() != FileSystems.getDefault()
                || !path.isAbsolute()
                || !path.normalize().equals(path)
                || path.getFileName() == null) {
            throw new IllegalArgumentException(
                    "a path of the host must be absolute, normalized and not the root, was "
                            + shown(path));
        }
    }

    /// Refers to what is there.
    Descriptor open(String operation) {
        return Descriptor.of(operation, shown(), TreeCalls.asSelf().resolveOnHost(text(path)));
    }

    /// Refers to the directory in which it is.
    Descriptor openParent(String operation) {
        String parent = text(Objects.requireNonNull(path.getParent()));
        return Descriptor.of(operation, shown(), TreeCalls.asSelf().resolveOnHost(parent));
    }

    /// The last name, as system calls take it.
    String name() {
        return text(Objects.requireNonNull(path.getFileName()));
    }

    /// The path for messages.
    String shown() {
        return shown(path);
    }

    private static String shown(Path path) {
        return VisibleText.line(path.toString());
    }

    private static String text(Path path) {
        return Names.ofHost(path.toString());
    }
}
