package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Removes a tree that a program has made, which may have done all it could to prevent that, and
/// may go on doing so.
///
/// - No path is followed: everything goes through descriptors of directories, and never through a
///   link.
/// - However deep it is, a few directories are open at a time: what lies in a directory below the
///   top is moved into the top, and is removed there.
/// - Directories that are closed to their owner are opened by their mode first.
/// - Names are bytes, in whatever encoding.
/// - Mounts are neither entered nor removed: to remove what a mount covers in another mount
///   namespace would detach it there.
/// - What has gone or become something else since it was listed is looked at again; a bound on the
///   number of entries ends that.
public final class TreeRemoval {

    private static final String DELETE = "delete";
    private static final int OPEN_MODE = 0700;

    /// Into so many directories below each other it goes where one cannot be moved.
    private static final int DEEPEST = 64;

    /// Something else stands there now than a moment ago.
    private static final int CHANGED = Errno.EAGAIN.negated();

    private final TreeCalls calls;
    private TreeCalls moving;
    private final String shown;
    private final long cap;
    private long seen;
    private long moved;
    private long removed;
    private int depth;
    private int top = -1;
    private Set<String> kept = Set.of();

    private TreeRemoval(TreeCalls calls, String shown, long cap) {
        this.calls = calls;
        moving = calls;
        this.shown = shown;
        this.cap = cap;
    }

    /// Removes `name` of `parent`, of a run that is over, with all that is in it. Nothing is there:
    /// that is no error.
    ///
    /// @throws io.cloister.sandbox.SandboxFileException if something cannot be removed
    public static void remove(int parent, String name) {
        String shown = SandboxPath.ROOT.resolve(Names.bytes(name)).nameText();
        remove(TreeCalls.asSelf(), parent, name, shown, Long.MAX_VALUE);
    }

    /// Removes all that is in a directory of programs that are over.
    ///
    /// @param shown its path for messages
    /// @param cap how many entries are looked at before it gives up
    /// @throws io.cloister.sandbox.SandboxFileException if something cannot be removed
    public static void empty(int directory, String shown, long cap) {
        empty(directory, FileUser.self(), Set.of(), shown, cap);
    }

    /// Likewise, but for some names in the directory itself.
    ///
    /// @param mover who moves entries: whoever has no meaning in the file system's user namespace
    ///   may remove what is there, but add nothing (EOVERFLOW)
    /// @param kept names that stay
    public static void empty(
            int directory, FileUser mover, Set<String> kept, String shown, long cap) {
        TreeRemoval removal = new TreeRemoval(TreeCalls.asSelf(), shown, cap);
        removal.moving = TreeCalls.as(mover);
        removal.kept = kept;
        removal.top = directory;
        removal.empty(directory);
    }

    /// Removes `name` of `parent` with all that is in it, while programs may be changing it.
    ///
    /// @param shown its path for messages
    /// @param cap how many entries are looked at before it gives up
    /// @return whether something was there
    /// @throws io.cloister.sandbox.SandboxFileException if something cannot be removed
    static boolean remove(TreeCalls calls, int parent, String name, String shown, long cap) {
        TreeRemoval removal = new TreeRemoval(calls, shown, cap);
        for (boolean found = false; ; found = true) {
            int result = removal.removeOne(parent, name);
            if (Errno.ENOENT.is(result)) {
                return found;
            }
            if (result != CHANGED) {
                removal.check(name, result);
                return true;
            }
        }
    }

    /// Removes all that is in `directory`. Listed again until there is nothing: what is moved to
    /// the top, or behind what is removed, may not be in the first list.
    ///
    /// What cannot be removed at once is tried again as long as something else can: on a full file
    /// system nothing can be moved until something is gone.
    private void empty(int directory) {
        while (true) {
            long before = removed;
            List<SandboxFileException> problems = new ArrayList<>(1);
            if (!removeListed(directory, problems)) {
                return;
            }
            if (removed == before && !problems.isEmpty()) {
                throw problems.getFirst();
            }
        }
    }

    private boolean removeListed(int directory, List<SandboxFileException> problems) {
        try (Descriptor listing =
                Descriptor.of(DELETE, shown, calls.openDirectory(directory, "."))) {
            boolean found = false;
            List<String> names = new ArrayList<>();
            while (true) {
                int length = FileErrors.check(DELETE, shown, calls.list(listing.fd(), names));
                if (length == 0) {
                    return found;
                }
                if (directory == top) {
                    names.removeAll(kept);
                }
                found |= !names.isEmpty();
                for (String name : names) {
                    tryOne(directory, name, problems);
                }
                names.clear();
            }
        }
    }

    private void tryOne(int directory, String name, List<SandboxFileException> problems) {
        try {
            int result = removeOne(directory, name);
            if (!Errno.ENOENT.is(result) && result != CHANGED) {
                check(name, result);
                removed++;
            }
        } catch (SandboxFileException e) {
            if (e.reason() == Reason.TOO_MANY || e.reason() == Reason.INTERRUPTED) {
                throw e;
            }
            if (problems.isEmpty()) {
                problems.add(e);
            }
        }
    }

    /// @return 0, -errno, or [#CHANGED]
    private int removeOne(int directory, String name) {
        count();
        if (calls.facts(directory, name).isMountRoot()) {
            return Errno.EBUSY.negated();
        }
        int result = calls.removeFile(directory, name);
        if (!Errno.EISDIR.is(result)) {
            return result;
        }
        result = calls.removeDirectory(directory, name);
        if (!isNotEmpty(result)) {
            return Errno.ENOTDIR.is(result) ? CHANGED : result;
        }
        int fd = open(directory, name);
        if (fd < 0) {
            return fd;
        }
        try (Descriptor opened = new Descriptor(fd)) {
            if (directory != top && top >= 0) {
                int above = moveUp(directory, name);
                // A file system may have no room left to move anything.
                if (above >= 0 || Errno.ENOENT.is(above) || depth == DEEPEST) {
                    return above;
                }
            }
            return emptyAndRemove(directory, name, opened);
        }
    }

    /// A directory in whose place nothing else stands, opened to its owner.
    private int open(int parent, String name) {
        int reference = calls.referDirectory(parent, name);
        if (Errno.ENOTDIR.is(reference) || Errno.ELOOP.is(reference)) {
            return CHANGED;
        }
        if (reference >= 0) {
            int result = calls.changeMode(reference, OPEN_MODE);
            if (result < 0) {
                Kernel.close(reference);
                return result;
            }
        }
        return reference;
    }

    private int emptyAndRemove(int directory, String name, Descriptor opened) {
        boolean first = top < 0;
        if (first) {
            top = opened.fd();
        }
        depth++;
        try {
            empty(opened.fd());
        } finally {
            depth--;
            if (first) {
                top = -1;
            }
        }
        int result = calls.removeDirectory(directory, name);
        return isNotEmpty(result) || Errno.ENOTDIR.is(result) ? CHANGED : result;
    }

    /// To move a directory changes its `..`, for which its mode must allow writing.
    private int moveUp(int directory, String name) {
        while (true) {
            int result = moving.rename(directory, name, top, "moved-" + moved++);
            if (!isNotEmpty(result) && !Errno.ENOTDIR.is(result)) {
                return result;
            }
            count();
        }
    }

    private void count() {
        Interruption.check(DELETE, shown);
        if (++seen > cap) {
            throw FileErrors.of(
                    DELETE,
                    shown,
                    Reason.TOO_MANY,
                    "%d entries were looked at; pause the program, or delete again".formatted(cap));
        }
    }

    private static boolean isNotEmpty(int result) {
        return Errno.ENOTEMPTY.is(result) || Errno.EEXIST.is(result);
    }

    private void check(String name, int result) {
        FileErrors.check(
                DELETE,
                shown + ", at " + SandboxPath.ROOT.resolve(Names.bytes(name)).nameText(),
                result);
    }
}
