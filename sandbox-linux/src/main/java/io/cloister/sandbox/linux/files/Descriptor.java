package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.linux.ffm.Kernel;

/// An open descriptor, closed at the end of a block.
///
/// @param fd the number
/// @param after what follows when it has been closed
record Descriptor(int fd, Runnable after) implements AutoCloseable {

    /// One whose end concerns nobody.
    Descriptor(int fd) {
        this(fd, () -> {});
    }

    /// The descriptor that a system call answered.
    ///
    /// @throws io.cloister.sandbox.SandboxFileException if it is an error
    static Descriptor of(String operation, String path, int result) {
        return new Descriptor(FileErrors.check(operation, path, result));
    }

    @Override
    public void close() {
        Kernel.close(fd);
        after.run();
    }
}
