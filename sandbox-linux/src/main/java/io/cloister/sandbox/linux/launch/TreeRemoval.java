package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.util.ArrayList;
import java.util.List;

/// Removes a tree that a program has made, which may have done all it could to prevent that.
///
/// - No path is followed: everything goes through descriptors of directories, and never through a
///   link.
/// - However deep it is, few directories are open at a time: what lies in a directory below the top
///   is moved into the top, and is removed there.
/// - Directories that are closed to their owner are opened by their mode first.
/// - Names are bytes, in whatever encoding.
/// - What cannot be removed at once is tried again as long as something else can: on a full file
///   system nothing can be moved until something is gone.
final class TreeRemoval {

    private static final int OPEN_MODE = 0700;

    /// Into so many directories below each other it goes where one cannot be moved.
    private static final int DEEPEST = 64;

    private final int top;
    private long moved;
    private long removed;
    private int depth;

    private TreeRemoval(int top) {
        this.top = top;
    }

    /// Removes the directory `name` of `parent`, with all that is in it. Nothing is there: that is
    /// no error.
    ///
    /// @throws SandboxException if something cannot be removed
    static void remove(int parent, String name) {
        int fd = open(parent, name);
        if (Errno.ENOENT.is(fd)) {
            return;
        }
        check("open", name, fd);
        try {
            new TreeRemoval(fd).empty(fd);
        } finally {
            Kernel.close(fd);
        }
        check("remove", name, TreeCalls.removeDirectory(parent, name));
    }

    /// A directory to list, opened to its owner.
    private static int open(int parent, String name) {
        int reference = TreeCalls.refer(parent, name);
        if (reference < 0) {
            return reference;
        }
        try {
            int result = TreeCalls.changeMode(reference, OPEN_MODE);
            return result < 0 ? result : TreeCalls.openDirectory(reference, ".");
        } finally {
            Kernel.close(reference);
        }
    }

    /// Removes all that is in `directory`, the top or a directory in it. Listed again until there
    /// is nothing: what is moved to the top, or behind what is removed, may not be in the first
    /// list.
    ///
    /// @throws SandboxException if nothing of what is left can be removed
    private void empty(int directory) {
        while (true) {
            long before = removed;
            List<SandboxException> problems = new ArrayList<>(1);
            if (!removeListed(directory, problems)) {
                return;
            }
            if (removed == before && !problems.isEmpty()) {
                throw problems.getFirst();
            }
        }
    }

    private boolean removeListed(int directory, List<SandboxException> problems) {
        int listing = TreeCalls.openDirectory(directory, ".");
        check("open", "a directory", listing);
        try {
            boolean found = false;
            List<String> names = new ArrayList<>();
            while (true) {
                int length = TreeCalls.list(listing, names);
                check("list", "a directory", length);
                if (length == 0) {
                    return found;
                }
                found |= !names.isEmpty();
                names.forEach(name -> tryOne(directory, name, problems));
                names.clear();
            }
        } finally {
            Kernel.close(listing);
        }
    }

    private void tryOne(int directory, String name, List<SandboxException> problems) {
        try {
            removeOne(directory, name);
            removed++;
        } catch (SandboxException e) {
            if (problems.isEmpty()) {
                problems.add(e);
            }
        }
    }

    private void removeOne(int directory, String name) {
        int result = TreeCalls.removeFile(directory, name);
        if (Errno.EISDIR.is(result)) {
            result = TreeCalls.removeDirectory(directory, name);
            if (Errno.ENOTEMPTY.is(result) || Errno.EEXIST.is(result)) {
                result = directory == top ? -1 : moveUp(directory, name);
                // A file system may have no room left to move anything.
                if (result < 0 && !Errno.ENOENT.is(result) && depth < DEEPEST) {
                    emptyBelow(directory, name);
                    result = TreeCalls.removeDirectory(directory, name);
                }
            }
        }
        if (!Errno.ENOENT.is(result)) {
            check("remove", name, result);
        }
    }

    private void emptyBelow(int directory, String name) {
        int fd = open(directory, name);
        check("open", name, fd);
        depth++;
        try {
            empty(fd);
        } finally {
            depth--;
            Kernel.close(fd);
        }
    }

    /// To move a directory changes its `..`, for which its mode must allow writing.
    private int moveUp(int directory, String name) {
        int fd = open(directory, name);
        check("open", name, fd);
        Kernel.close(fd);
        while (true) {
            int result = TreeCalls.rename(directory, name, top, "moved-" + moved++);
            boolean taken =
                    Errno.EEXIST.is(result)
                            || Errno.ENOTEMPTY.is(result)
                            || Errno.ENOTDIR.is(result);
            if (!taken) {
                return result;
            }
        }
    }

    private static void check(String what, String name, int result) {
        if (result < 0) {
            throw new SandboxException(
                    "cannot %s %s, which a run has left: %s"
                            .formatted(what, name, Errno.nameOf(-result)));
        }
    }
}
