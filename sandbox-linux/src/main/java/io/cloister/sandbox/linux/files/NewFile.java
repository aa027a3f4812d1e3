package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.util.function.IntConsumer;

/// Makes files in sandboxes: under a name of its own first, then moved to its place. So whatever
/// stands there, a link, a FIFO, a further name of another file, is neither opened nor followed.
final class NewFile {

    private static final int CLOSED_MODE = 0600;
    private static final int ATTEMPTS = 16;

    private final TreeCalls calls;
    private final String operation;

    NewFile(TreeCalls calls, String operation) {
        this.calls = calls;
        this.operation = operation;
    }

    /// Puts a file with this content at `name` of a directory.
    ///
    /// @param path the same place, for messages
    /// @param content writes it to a descriptor
    void put(int directory, String name, String path, int mode, IntConsumer content) {
        FileFacts there = calls.facts(directory, name);
        if (there.result() == 0 && there.type() == S_IFDIR) {
            throw FileErrors.of(operation, path, Errno.EISDIR.negated());
        }
        // The kernel would detach a mount of another namespace without a word.
        if (there.isMountRoot()) {
            throw FileErrors.of(
                    operation,
                    path,
                    Reason.MOUNT,
                    "a mount of its own stands there: write its source on the host");
        }
        String temporary = "";
        int fd = Errno.EEXIST.negated();
        for (int i = 0; Errno.EEXIST.is(fd) && i < ATTEMPTS; i++) {
            temporary = Names.fresh(".cloister-");
            fd = calls.createFile(directory, temporary, CLOSED_MODE);
        }
        boolean done = false;
        try (Descriptor file = Descriptor.of(operation, path, fd)) {
            content.accept(file.fd());
            FileErrors.check(operation, path, calls.changeMode(file.fd(), mode));
            FileErrors.check(operation, path, calls.rename(directory, temporary, directory, name));
            done = true;
        } finally {
            if (!done && fd >= 0) {
                calls.removeFile(directory, temporary);
            }
        }
    }
}
