package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.linux.ffm.Kernel;

/// An open descriptor, closed at the end of a block.
///
/// @param fd the number
record Descriptor(int fd) implements AutoCloseable {

    /// The descriptor that a system call answered.
    ///
    /// @throws io.cloister.sandbox.SandboxFileException if it is an error
    static Descriptor of(String operation, String path, int result) {
        return new Descriptor(FileErrors.check(operation, path, result));
    }

    @Override
    public void close() {
        Kernel.close(fd);
    }
}
