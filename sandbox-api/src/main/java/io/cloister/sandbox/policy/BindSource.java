package io.cloister.sandbox.policy;

import io.cloister.sandbox.check.Paths;

import java.nio.file.Path;

/// What of the host a [Bind] shows.
public sealed interface BindSource {

    /// A file or directory by its path. The host resolves it at each launch, and refuses symbolic
    /// links on the way (`ELOOP`), which an earlier sandbox could have put there:
    /// [Path#toRealPath(java.nio.file.LinkOption...)] gives a path without.
    ///
    /// @param path absolute and normalized
    record HostPath(Path path) implements BindSource {
        /// Checks the value.
        ///
        /// @throws IllegalArgumentException if the path is not absolute, not normalized or holds a
        ///   control character
        public HostPath {
            Paths.host(path);
        }

        /// The path.
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /// A file or directory by an open descriptor of the JVM's process. No path is resolved, so
    /// nobody can put something else in its place.
    ///
    /// @param descriptor its number, >= 0; it must stay open until the launch is over
    record HostDescriptor(int descriptor) implements BindSource {
        /// Checks the value.
        ///
        /// @throws IllegalArgumentException if the number is negative
        public HostDescriptor {
            if (descriptor < 0) {
                throw new IllegalArgumentException("descriptor must be >= 0, was " + descriptor);
            }
        }

        /// For example `descriptor 7`.
        @Override
        public String toString() {
            return "descriptor " + descriptor;
        }
    }
}
