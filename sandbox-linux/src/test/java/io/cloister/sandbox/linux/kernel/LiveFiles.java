package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_PATH;

import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.files.LinuxFiles;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reaches the files of a sandbox through a process in it.
final class LiveFiles {

    private LiveFiles() {}

    /// The files that this process sees, with the rights of its user.
    static LinuxFiles of(SandboxProcess process) {
        return new LinuxFiles(root(process), user(process));
    }

    /// A descriptor of its root.
    static int root(SandboxProcess process) {
        return open("/proc/" + process.pid() + "/root", O_PATH | O_CLOEXEC);
    }

    /// A descriptor that keeps its mounts.
    static int mounts(SandboxProcess process) {
        return open("/proc/" + process.pid() + "/ns/mnt", O_CLOEXEC);
    }

    private static int open(String path, int flags) {
        int fd = Kernel.open(path, flags, 0);
        if (fd < 0) {
            throw new IllegalStateException(path + ": " + fd);
        }
        return fd;
    }

    /// Its user on the host.
    static FileUser user(SandboxProcess process) {
        if (!Host.isRoot()) {
            return FileUser.self();
        }
        try {
            Path path = Path.of("/proc/" + process.pid());
            return FileUser.of(
                    (int) Files.getAttribute(path, "unix:uid"),
                    (int) Files.getAttribute(path, "unix:gid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
