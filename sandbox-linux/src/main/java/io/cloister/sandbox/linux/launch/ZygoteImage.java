package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.Spawner;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.ElfImage;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.List;

/// Puts the launcher's image where it can be executed, and executes it.
///
/// A sealed memfd is best: no file, nobody can change it. Hosts that forbid executable memfds
/// (vm.memfd_noexec=2) get an unlinked file in the first directory that allows one.
final class ZygoteImage {

    private static final int O_TMPFILE = 0x410000;

    private ZygoteImage() {}

    /// Starts the image.
    ///
    /// @param socket what becomes descriptor 3
    /// @return the pid
    static int spawn(int socket) {
        CpuArchitecture cpu = Kernel.cpu();
        byte[] image =
                ElfImage.build(cpu, ZygoteProgram.loop(cpu).encode(), ZygoteProgram.MEMORY_SIZE);
        int result = spawnFrom(memfd(image), socket);
        StringBuilder tried = new StringBuilder("memfd: ").append(describe(result));
        for (String directory : directories()) {
            if (result >= 0) {
                return result;
            }
            result = spawnFrom(unlinkedFile(directory, image), socket);
            tried.append(", ").append(directory).append(": ").append(describe(result));
        }
        if (result < 0) {
            throw LaunchErrors.of(SetupStep.START_LAUNCHER, tried.toString(), result);
        }
        return result;
    }

    private static List<String> directories() {
        return List.of(System.getProperty("java.io.tmpdir", "/tmp"), "/dev/shm", "/var/tmp");
    }

    private static String describe(int result) {
        return result >= 0 ? "started" : Errno.nameOf(-result);
    }

    private static int memfd(byte[] image) {
        // Kernels before 6.3 do not know MFD_EXEC and make every memfd executable.
        int fd = Kernel.memfdCreate("cloister", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
        if (Errno.EINVAL.is(fd)) {
            fd = Kernel.memfdCreate("cloister", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        }
        if (fd < 0) {
            return fd;
        }
        int result = write(fd, image);
        if (result >= 0) {
            result = Kernel.fcntl(fd, F_ADD_SEALS, F_SEAL_ALL);
        }
        return result >= 0 ? fd : closed(fd, result);
    }

    private static int unlinkedFile(String directory, byte[] image) {
        int fd = Kernel.open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0500);
        if (fd < 0) {
            return fd;
        }
        int result = write(fd, image);
        // A file that is open for writing cannot be executed: open it again, close the first.
        if (result >= 0) {
            result = Kernel.open("/proc/self/fd/" + fd, O_RDONLY | O_CLOEXEC, 0);
        }
        Kernel.close(fd);
        return result;
    }

    private static int write(int fd, byte[] image) {
        int done = 0;
        while (done < image.length) {
            int count = Kernel.write(fd, image, done, image.length - done);
            if (count < 0) {
                return count;
            }
            done += count;
        }
        return done;
    }

    private static int closed(int fd, int result) {
        Kernel.close(fd);
        return result;
    }

    private static int spawnFrom(int image, int socket) {
        if (image < 0) {
            return image;
        }
        int none = Kernel.open("/dev/null", O_RDWR | O_CLOEXEC, 0);
        if (none < 0) {
            return closed(image, none);
        }
        // Sources above 3, lest one is overwritten before it is used.
        int highNone = Kernel.fcntl(none, F_DUPFD_CLOEXEC, 10);
        int highSocket = Kernel.fcntl(socket, F_DUPFD_CLOEXEC, 10);
        try {
            if (highNone < 0 || highSocket < 0) {
                return Math.min(highNone, highSocket);
            }
            return Spawner.spawn(
                    "/proc/self/fd/" + image, highNone, highNone, highNone, highSocket);
        } finally {
            for (int fd : new int[] {image, none, highNone, highSocket}) {
                if (fd >= 0) {
                    Kernel.close(fd);
                }
            }
        }
    }
}
