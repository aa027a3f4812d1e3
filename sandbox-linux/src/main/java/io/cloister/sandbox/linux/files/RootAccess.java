package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;

import io.cloister.sandbox.linux.ffm.Kernel;

/// Where files are: a root that somebody holds. Thread-safe.
public interface RootAccess extends AutoCloseable {

    /// Begins an operation.
    ///
    /// @return a descriptor of the root, which is the caller's; or -errno, EBADF if the root is
    ///   gone
    int begin();

    /// An operation for which [#begin()] gave a descriptor is over.
    default void end() {}

    @Override
    void close();

    /// One through a descriptor that is kept for this.
    ///
    /// @param root taken over
    static RootAccess of(int root) {
        return new RootAccess() {
            @Override
            public int begin() {
                return Kernel.fcntl(root, F_DUPFD_CLOEXEC, 0);
            }

            @Override
            public void close() {
                Kernel.close(root);
            }
        };
    }
}
