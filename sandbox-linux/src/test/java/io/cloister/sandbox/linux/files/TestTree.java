package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.AT_FDCWD;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_PATH;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/// Makes what Java cannot make in trees.
final class TestTree {

    private TestTree() {}

    /// A descriptor that refers to a directory.
    static int refer(Path directory) {
        int fd = Kernel.open(directory.toString(), O_PATH | O_CLOEXEC, 0);
        if (fd < 0) {
            throw new IllegalStateException(directory + ": " + fd);
        }
        return fd;
    }

    static void fifo(Path path) {
        command("mkfifo", path.toString());
    }

    static void socket(Path path) throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(path));
        }
    }

    static void command(String... words) {
        try {
            int status = new ProcessBuilder(words).inheritIO().start().onExit().join().exitValue();
            if (status != 0) {
                throw new IllegalStateException(words[0] + ": " + status);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Directories of this name in each other.
    static void deep(Path top, String name, int depth) {
        TreeCalls calls = TreeCalls.asSelf();
        int at = calls.openDirectory(AT_FDCWD, top.toString());
        for (int i = 0; i < depth; i++) {
            int made = calls.makeDirectory(at, name, 0700);
            int next = calls.openDirectory(at, name);
            Kernel.close(at);
            if (made < 0 || next < 0) {
                throw new IllegalStateException("depth " + i + ": " + made + ", " + next);
            }
            at = next;
        }
        Kernel.close(at);
    }

    /// A regular file with a name that Java could not write.
    static void file(Path directory, byte[] name) {
        TreeCalls calls = TreeCalls.asSelf();
        int at = calls.openDirectory(AT_FDCWD, directory.toString());
        int fd = calls.createFile(at, Names.of(name), 0644);
        if (fd < 0) {
            throw new IllegalStateException("file: " + fd);
        }
        Kernel.close(fd);
        Kernel.close(at);
    }
}
