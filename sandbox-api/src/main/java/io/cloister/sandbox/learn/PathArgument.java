package io.cloister.sandbox.learn;

import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallRequest;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A path among the arguments of a call, and what the call does with it.
///
/// @param directory which argument is the directory that a relative path starts from; empty: the
///   working directory
/// @param path which argument is the path
/// @param flags which argument has the `O_*` flags that tell what is done; empty: `access` does
/// @param access what is done
record PathArgument(OptionalInt directory, int path, OptionalInt flags, FileAccess access) {

    // asm-generic/fcntl.h
    private static final int O_ACCMODE = 3;
    private static final int O_CREAT = 0x40;
    private static final int O_TRUNC = 0x200;

    private static final Map<Syscall, List<PathArgument>> OF_CALLS = ofCalls();

    private static Map<Syscall, List<PathArgument>> ofCalls() {
        Map<Syscall, List<PathArgument>> calls = new EnumMap<>(Syscall.class);
        put(calls, FileAccess.EXECUTE, at(0), Syscall.EXECVE);
        put(calls, FileAccess.EXECUTE, at(0, 1), Syscall.EXECVEAT);
        put(calls, FileAccess.READ, at(0).flags(1), Syscall.OPEN);
        put(calls, FileAccess.READ, at(0, 1).flags(2), Syscall.OPENAT);
        put(
                calls,
                FileAccess.LOOK,
                at(0),
                Syscall.STAT,
                Syscall.LSTAT,
                Syscall.ACCESS,
                Syscall.READLINK,
                Syscall.STATFS,
                Syscall.CHDIR,
                Syscall.GETXATTR,
                Syscall.LGETXATTR,
                Syscall.LISTXATTR,
                Syscall.LLISTXATTR);
        put(
                calls,
                FileAccess.LOOK,
                at(0, 1),
                Syscall.NEWFSTATAT,
                Syscall.STATX,
                Syscall.FACCESSAT,
                Syscall.FACCESSAT2,
                Syscall.READLINKAT);
        put(
                calls,
                FileAccess.WRITE,
                at(0),
                Syscall.CREAT,
                Syscall.MKDIR,
                Syscall.RMDIR,
                Syscall.UNLINK,
                Syscall.MKNOD,
                Syscall.TRUNCATE,
                Syscall.CHMOD,
                Syscall.CHOWN,
                Syscall.LCHOWN,
                Syscall.UTIME,
                Syscall.UTIMES,
                Syscall.RENAME,
                Syscall.LINK,
                Syscall.SETXATTR,
                Syscall.LSETXATTR,
                Syscall.REMOVEXATTR,
                Syscall.LREMOVEXATTR);
        put(calls, FileAccess.WRITE, at(1), Syscall.RENAME, Syscall.LINK, Syscall.SYMLINK);
        put(
                calls,
                FileAccess.WRITE,
                at(0, 1),
                Syscall.MKDIRAT,
                Syscall.UNLINKAT,
                Syscall.MKNODAT,
                Syscall.FCHMODAT,
                Syscall.FCHMODAT2,
                Syscall.FCHOWNAT,
                Syscall.UTIMENSAT,
                Syscall.FUTIMESAT,
                Syscall.RENAMEAT,
                Syscall.RENAMEAT2,
                Syscall.LINKAT);
        put(calls, FileAccess.WRITE, at(2, 3), Syscall.RENAMEAT, Syscall.RENAMEAT2, Syscall.LINKAT);
        put(calls, FileAccess.WRITE, at(1, 2), Syscall.SYMLINKAT);
        return calls;
    }

    private static void put(
            Map<Syscall, List<PathArgument>> calls,
            FileAccess access,
            PathArgument where,
            Syscall... of) {
        for (Syscall call : of) {
            calls.computeIfAbsent(call, _ -> new ArrayList<>())
                    .add(new PathArgument(where.directory, where.path, where.flags, access));
        }
    }

    private static PathArgument at(int path) {
        return new PathArgument(OptionalInt.empty(), path, OptionalInt.empty(), FileAccess.LOOK);
    }

    private static PathArgument at(int directory, int path) {
        return new PathArgument(
                OptionalInt.of(directory), path, OptionalInt.empty(), FileAccess.LOOK);
    }

    private PathArgument flags(int index) {
        return new PathArgument(directory, path, OptionalInt.of(index), access);
    }

    /// The paths among the arguments of `call`.
    static List<PathArgument> of(Syscall call) {
        return OF_CALLS.getOrDefault(call, List.of());
    }

    /// What is done with the path.
    FileAccess access(SyscallRequest request) {
        if (flags.isEmpty()) {
            return access;
        }
        int bits = request.intArgument(flags.getAsInt());
        boolean writes = (bits & O_ACCMODE) != 0 || (bits & (O_CREAT | O_TRUNC)) != 0;
        return writes ? FileAccess.WRITE : FileAccess.READ;
    }

    /// The path as the program wrote it, at best made absolute; empty if it cannot be read, or
    /// stands for a descriptor alone.
    Optional<String> path(SyscallRequest request, ProcessLinks links) {
        return request.text(path)
                .filter(text -> !text.isEmpty())
                .map(text ->
                        text.startsWith("/")
                                ? text
                                : links.absolute(
                                        request.thread(),
                                        directory.isPresent()
                                                ? OptionalInt.of(
                                                        request.intArgument(directory.getAsInt()))
                                                : OptionalInt.empty(),
                                        text));
    }
}
