package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_SETFL;
import static io.cloister.sandbox.linux.program.Linux.O_APPEND;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_CREAT;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.O_WRONLY;
import static io.cloister.sandbox.linux.program.Linux.S_IFMT;
import static io.cloister.sandbox.linux.program.Linux.S_IFREG;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/// Files of the host that a stream is connected to.
///
/// They may lie where an earlier sandbox could write. So no symbolic link is followed on the way,
/// nothing is waited for (a FIFO would keep the JVM for ever), and only a regular file or a
/// character device, which a sandbox cannot make, will do.
final class HostFile {

    private static final int S_IFCHR = 0x2000;
    private static final int O_NOCTTY = 0x100;
    private static final int NEW_FILE_MODE = 0666;
    private static final int BUFFER_SIZE = 64 * 1024;

    private HostFile() {}

    /// Opens a file to read.
    static InputStream input(Path path) {
        return new Input(open("stdin from " + path, path, O_RDONLY));
    }

    /// Opens a file to write, made if it is not there.
    static OutputStream output(String stream, Path path, boolean append) {
        String detail = stream + " to " + path;
        int fd = open(detail, path, O_WRONLY | O_CREAT | (append ? O_APPEND : 0));
        if (!append && (Kernel.status(fd).mode() & S_IFMT) == S_IFREG) {
            int result = Kernel.truncate(fd, 0);
            if (result < 0) {
                Kernel.close(fd);
                throw LaunchErrors.of(SetupStep.OPEN_STREAMS, detail, result);
            }
        }
        return new Output(fd);
    }

    private static int open(String detail, Path path, int flags) {
        int all = flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
        int mode = (flags & O_CREAT) != 0 ? NEW_FILE_MODE : 0;
        int fd =
                LaunchErrors.check(
                        SetupStep.OPEN_STREAMS,
                        detail,
                        Kernel.openWithoutLinks(path.toString(), all, mode));
        int type = Kernel.status(fd).mode() & S_IFMT;
        if (type != S_IFREG && type != S_IFCHR) {
            Kernel.close(fd);
            throw LaunchErrors.of(
                    SetupStep.OPEN_STREAMS, detail, "it is no regular file or device");
        }
        Kernel.fcntl(fd, F_SETFL, flags & O_APPEND);
        return fd;
    }

    private static final class Input extends InputStream {
        private final NativeBuffer buffer = new NativeBuffer(BUFFER_SIZE);
        private final int fd;
        private boolean closed;

        Input(int fd) {
            this.fd = fd;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) throws IOException {
            if (closed) {
                throw new IOException("stream closed");
            }
            if (length == 0) {
                return 0;
            }
            int count = Kernel.read(fd, buffer, Math.min(length, BUFFER_SIZE));
            if (count < 0) {
                throw new IOException("read: " + Errno.nameOf(-count));
            }
            buffer.get(0, target, offset, count);
            return count == 0 ? -1 : count;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                Kernel.close(fd);
            }
        }
    }

    private static final class Output extends OutputStream {
        private final int fd;
        private boolean closed;

        Output(int fd) {
            this.fd = fd;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] source, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                if (closed) {
                    throw new IOException("stream closed");
                }
                int count = Kernel.write(fd, source, offset + done, length - done);
                if (count < 0) {
                    String why = Errno.nameOf(-count) + ", " + Errno.meaningOf(-count);
                    throw new IOException("write: " + why);
                }
                done += count;
            }
        }

        /// What cannot be written to the disk in the end is told by close(2) on some file systems.
        @Override
        public synchronized void close() throws IOException {
            if (!closed) {
                closed = true;
                int result = Kernel.close(fd);
                if (result < 0 && !Errno.EINTR.is(result)) {
                    throw new IOException("close: " + Errno.nameOf(-result));
                }
            }
        }
    }
}
