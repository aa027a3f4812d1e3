package io.cloister.sandbox.policy;

import io.cloister.sandbox.check.Paths;

import java.nio.file.Path;

/// What stands at `/` of a sandbox.
public sealed interface RootFilesystem {

    /// A new tree that shows, read-only, what the programs of the host need to run and nothing else
    /// of it: the system's programs and libraries, and a few files of `/etc` that hold no secret.
    record MinimalHost() implements RootFilesystem {}

    /// A new tree with nothing in it but what [FilesystemPolicy#mounts()] and
    /// [FilesystemPolicy#proc()] put there. It is read-only once it is complete: the program can
    /// write to mounts alone.
    ///
    /// @param devices whether there is a `/dev` as every other root has it: a few harmless devices,
    ///   a writable `/dev/shm`, terminals and message queues
    record Empty(boolean devices) implements RootFilesystem {}

    /// A directory of the host, for example an unpacked image.
    ///
    /// @param path absolute and normalized
    /// @param writable whether the program may change it; it then changes what the host has
    record Directory(Path path, boolean writable) implements RootFilesystem {
        /// Checks the path.
        ///
        /// @throws IllegalArgumentException if the path is not absolute, not normalized or holds a
        ///   control character
        public Directory {
            Paths.host(path);
        }
    }
}
