package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.FileCalls;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.Linux;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/// A directory of a control group, held open, with those of its files that are kept open; after
/// [#rest(Set)] only some of these, until another one is asked for. Not thread-safe.
final class GroupDirectory implements AutoCloseable {

    private static final int SMALL_FILE_SIZE = 256;
    private static final int FILE_SIZE = 8192;
    private static final int MODE = 0755;
    private static final int RESTING = -1;

    private final String path;
    private int fd;
    private final Map<String, Integer> readers = new HashMap<>();
    private final Map<String, Integer> writers = new HashMap<>();
    private volatile boolean open = true;

    private GroupDirectory(String path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /// @throws CgroupException if there is no such directory
    static GroupDirectory open(String path) {
        int fd = FileCalls.open(Linux.AT_FDCWD, path, Linux.O_PATH);
        if (fd < 0) {
            throw new CgroupException(path, "open", -fd);
        }
        return new GroupDirectory(path, fd);
    }

    /// Makes a group below this one.
    GroupDirectory make(String name) {
        check(name, "mkdir", at(fd -> FileCalls.makeDirectory(fd, name, MODE)));
        return child(name);
    }

    /// Makes a group below this one, or opens it if it is there.
    GroupDirectory makeOrOpen(String name) {
        int result = at(fd -> FileCalls.makeDirectory(fd, name, MODE));
        if (!Errno.EEXIST.is(result)) {
            check(name, "mkdir", result);
        }
        return child(name);
    }

    /// A group below this one.
    GroupDirectory child(String name) {
        int child = check(name, "open", at(fd -> FileCalls.open(fd, name, Linux.O_PATH)));
        return new GroupDirectory(path + "/" + name, child);
    }

    /// Removes an empty group below this one; returns 0 or -errno.
    int remove(String name) {
        return at(fd -> FileCalls.removeDirectory(fd, name));
    }

    String path() {
        return path;
    }

    /// No descriptor after [#close()], when the number may stand for another file. One that rests
    /// is opened again by its path: names of groups are not used twice.
    private int fd() {
        if (!open) {
            return Errno.EBADF.negated();
        }
        if (fd < 0) {
            fd = FileCalls.open(Linux.AT_FDCWD, path, Linux.O_PATH);
        }
        return fd;
    }

    /// What a call gives for the directory, or why there is none.
    private int at(IntUnaryOperator call) {
        int directory = fd();
        return directory < 0 ? directory : call.applyAsInt(directory);
    }

    int descriptor() {
        return check("", "open", fd());
    }

    /// Closes the directory and its files, which are opened again when they are asked for.
    ///
    /// @param kept files that stay open for reading
    void rest(Set<String> kept) {
        if (!open) {
            return;
        }
        closeAll(writers);
        Map<String, Integer> others = new HashMap<>(readers);
        // Whether there is such a file is kept in mind: it costs no descriptor.
        others.entrySet().removeIf(file -> kept.contains(file.getKey()) || file.getValue() < 0);
        readers.keySet().removeAll(others.keySet());
        closeAll(others);
        if (fd >= 0) {
            Kernel.close(fd);
            fd = RESTING;
        }
    }

    private static void closeAll(Map<String, Integer> files) {
        files.values().stream().filter(file -> file >= 0).forEach(Kernel::close);
        files.clear();
    }

    /// Hands a file to another user.
    void changeOwner(String name, int uid, int gid) {
        check(
                name,
                "chown " + uid + ":" + gid,
                at(fd -> FileCalls.changeOwner(fd, name, uid, gid)));
    }

    /// Writes a file; returns a number >= 0, or -errno.
    int tryWrite(String name, String text) {
        return at(fd -> FileCalls.write(fd, name, text));
    }

    /// Writes a file.
    void write(String name, String text) {
        check(name, text, tryWrite(name, text));
    }

    /// Writes a file that stays open for the next time; returns a number >= 0, or -errno.
    int tryWriteOften(String name, String text) {
        int file = keepOpen(writers, name, Linux.O_WRONLY);
        return file < 0 ? file : FileCalls.write(file, text);
    }

    /// The text of a file; empty if it can't be read, for whatever reason.
    Optional<String> read(String name) {
        int file = at(fd -> FileCalls.open(fd, name, Linux.O_RDONLY));
        if (file < 0) {
            return Optional.empty();
        }
        try {
            return text(file);
        } finally {
            Kernel.close(file);
        }
    }

    /// The text of a file that stays open for the next time.
    Optional<String> readOften(String name) {
        int file = reader(name);
        return file < 0 ? Optional.empty() : text(file);
    }

    /// A descriptor of the file, open for reading as long as this is; or -errno.
    int reader(String name) {
        return keepOpen(readers, name, Linux.O_RDONLY);
    }

    /// A descriptor of the file, open for writing as long as this is.
    int writer(String name) {
        return check(name, "open", keepOpen(writers, name, Linux.O_WRONLY));
    }

    private int keepOpen(Map<String, Integer> files, String name, int flags) {
        Integer file = files.get(name);
        if (file == null) {
            file = at(fd -> FileCalls.open(fd, name, flags));
            if (!isScarce(file)) {
                files.put(name, file);
            }
        }
        return file;
    }

    /// The processes of this group (0 for one of another PID namespace), without those of groups
    /// below it.
    List<Integer> processes() {
        int file = at(fd -> FileCalls.open(fd, "cgroup.procs", Linux.O_RDONLY));
        if (file < 0) {
            return List.of();
        }
        // The kernel hands out a list in parts of up to a page.
        StringBuilder text = new StringBuilder();
        byte[] part = new byte[FILE_SIZE];
        try {
            while (true) {
                int count = FileCalls.read(file, text.length(), part);
                if (count <= 0) {
                    return text.toString().lines().map(Integer::valueOf).toList();
                }
                text.append(new String(part, 0, count, StandardCharsets.US_ASCII));
            }
        } finally {
            Kernel.close(file);
        }
    }

    /// Moves processes into this group; those that have ended meanwhile are left out.
    void admit(List<Integer> processes) {
        for (int pid : processes) {
            int result = tryWrite("cgroup.procs", String.valueOf(pid));
            if (result < 0 && !isGone(result)) {
                throw new CgroupException(path + "/cgroup.procs", "" + pid, -result);
            }
        }
    }

    private static Optional<String> text(int file) {
        // Most files hold a number or a few.
        byte[] bytes = new byte[SMALL_FILE_SIZE];
        while (true) {
            int count = FileCalls.read(file, 0, bytes);
            if (count < 0) {
                return Optional.empty();
            }
            if (count < bytes.length) {
                return Optional.of(new String(bytes, 0, count, StandardCharsets.US_ASCII));
            }
            bytes = new byte[Math.max(FILE_SIZE, 2 * bytes.length)];
        }
    }

    private int check(String name, String value, int result) {
        if (result < 0) {
            throw new CgroupException(path + "/" + name, value, -result);
        }
        return result;
    }

    /// Whether a result says that there is no descriptor left, which may be otherwise later.
    static boolean isScarce(int result) {
        return Errno.EMFILE.is(result) || Errno.ENFILE.is(result);
    }

    /// Whether a result says that the group, or the process, is gone.
    static boolean isGone(int result) {
        return Errno.ENOENT.is(result) || Errno.ENODEV.is(result) || Errno.ESRCH.is(result);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            closeAll(readers);
            closeAll(writers);
            if (fd >= 0) {
                Kernel.close(fd);
            }
        }
    }
}
