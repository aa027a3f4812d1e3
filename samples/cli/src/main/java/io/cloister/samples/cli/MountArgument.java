package io.cloister.samples.cli;

import io.cloister.sandbox.Bytes;

import java.io.IOException;
import java.nio.file.Path;

/// The arguments of the options that put something into the file tree.
final class MountArgument {
    /// The size of a `--tmpfs` without one.
    static final Bytes DEFAULT_TMPFS = Bytes.mebibytes(64);

    private MountArgument() {}

    /// `PATH` or `PATH:DEST`.
    ///
    /// @param path absolute, without links as far as it exists
    /// @param destination where it is put
    record BindArgument(Path path, String destination) {
        /// Splits at the last `:` that a `/` follows: so neither a path with other colons nor one
        /// of a drive or URL shape is cut, and a destination always is absolute.
        static BindArgument parse(String text) {
            int split = text.lastIndexOf(":/");
            Path path = hostPath(split < 0 ? text : text.substring(0, split));
            return new BindArgument(
                    realPath(path), split < 0 ? path.toString() : text.substring(split + 1));
        }
    }

    /// `DEST` or `DEST:SIZE`.
    ///
    /// @param destination where it is put
    /// @param size what it may hold
    record TmpfsArgument(String destination, Bytes size) {
        /// Splits at the last `:`, unless a `/` follows somewhere behind it.
        static TmpfsArgument parse(String text) {
            int split = text.lastIndexOf(':');
            if (split < 0 || text.indexOf('/', split) >= 0) {
                return new TmpfsArgument(text, DEFAULT_TMPFS);
            }
            return new TmpfsArgument(
                    text.substring(0, split), Bytes.parse(text.substring(split + 1)));
        }
    }

    /// The path without links: who types it means what stands there now. A path that is not there
    /// stays as it is, and the sandbox says so.
    static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    /// A path of the host, relative to the current directory.
    static Path hostPath(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a path of the host must not be empty");
        }
        return Path.of(text).toAbsolutePath().normalize();
    }
}
