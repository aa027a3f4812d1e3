package io.cloister.sandbox.linux.ffm;

import io.cloister.sandbox.linux.program.Call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Whose rights count when the kernel looks at files: those of the JVM, or, for a JVM that runs as
/// root, those of another user. Thread-safe.
///
/// ## Why not as root
///
/// Root would read and overwrite for a program what that may not touch itself. And it could not
/// even make a file in a file system of another user namespace: its id has no meaning there
/// (EOVERFLOW).
///
/// ## How
///
/// The ids that count for files belong to a thread. They are changed around one system call:
/// setgroups(2), setfsgid(2), setfsuid(2), the call, and back. To lose user 0 is to lose the
/// capabilities that override permissions: "if the filesystem UID is changed from 0 to nonzero,
/// then the following capabilities are cleared from the effective set: CAP_CHOWN, CAP_DAC_OVERRIDE,
/// CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MAC_OVERRIDE, and
/// CAP_MKNOD", and they come back with 0 - capabilities(7).
///
/// A new thread inherits these ids, and a class that is loaded is read with them. So nothing
/// happens in between but calls of methods that have been called before: no lambda, no allocation
/// of a new kind, nothing that blocks (a virtual thread would leave its carrier changed).
public final class FileUser {

    private static final FileUser SELF = new FileUser(-1, -1);
    private static final int MOST_GROUPS = 65536;
    private static final int RESTORE_ATTEMPTS = 1000;

    // What getgroups(2) says of this JVM, to go back to. Lives as long as the class.
    private static final int GROUP_COUNT;
    private static final MemorySegment GROUPS;

    static {
        int count = (int) Kernel.call(Call.GETGROUPS, 0, 0);
        GROUP_COUNT = Math.clamp(count, 0, MOST_GROUPS);
        GROUPS = Arena.global().allocate(ValueLayout.JAVA_INT, Math.max(1, GROUP_COUNT));
        Kernel.call(Call.GETGROUPS, GROUP_COUNT, GROUPS.address());
    }

    private final int uid;
    private final int gid;
    private final int ownUid;
    private final int ownGid;

    private FileUser(int uid, int gid) {
        this.uid = uid;
        this.gid = gid;
        // No user has the number -1: it changes nothing, and tells the present one.
        ownUid = (int) Kernel.call(Call.SETFSUID, -1);
        ownGid = (int) Kernel.call(Call.SETFSGID, -1);
    }

    /// The user of this JVM.
    public static FileUser self() {
        return SELF;
    }

    /// Another user, without supplementary groups.
    ///
    /// @throws IllegalArgumentException if it is root, or no id
    /// @throws IllegalStateException if this JVM may not become this user: it needs CAP_SETUID and
    ///   CAP_SETGID
    public static FileUser of(int uid, int gid) {
        if (uid <= 0 || gid <= 0) {
            throw new IllegalArgumentException(
                    "a user must have ids > 0, was %d and %d".formatted(uid, gid));
        }
        FileUser user = new FileUser(uid, gid);
        // Also links all that is needed between the two changes.
        user.call(Call.GETPID);
        user.call(Call.GETPID);
        return user;
    }

    /// Makes a call with the rights of this user.
    ///
    /// @throws IllegalStateException if this thread cannot become this user; the call is not made
    long call(Call call, long... arguments) {
        if (this == SELF) {
            return Kernel.call(call, arguments);
        }
        if (Kernel.call(Call.SETGROUPS, 0, 0) < 0) {
            throw refused();
        }
        boolean changed;
        long result = 0;
        try {
            changed = become(gid, uid);
            if (changed) {
                result = Kernel.call(call, arguments);
            }
        } finally {
            restore();
        }
        if (!changed) {
            throw refused();
        }
        return result;
    }

    /// Tried again if it fails for want of memory: a thread must not stay what it is now.
    private void restore() {
        for (int attempt = 1; ; attempt++) {
            try {
                long groups = Kernel.call(Call.SETGROUPS, GROUP_COUNT, GROUPS.address());
                if (become(ownGid, ownUid) && groups == 0) {
                    return;
                }
                throw new IllegalStateException(
                        "this thread could not get back the rights of its own user " + ownUid);
            } catch (OutOfMemoryError e) {
                if (attempt == RESTORE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /// These two calls tell the number before, and no error: the second time tells whether it was
    /// done.
    private static boolean become(int gid, int uid) {
        Kernel.call(Call.SETFSGID, gid);
        Kernel.call(Call.SETFSUID, uid);
        return (int) Kernel.call(Call.SETFSGID, gid) == gid
                && (int) Kernel.call(Call.SETFSUID, uid) == uid;
    }

    private IllegalStateException refused() {
        return new IllegalStateException(
                "files cannot be used as user %d, group %d: CAP_SETUID and CAP_SETGID are needed"
                        .formatted(uid, gid));
    }

    @Override
    public String toString() {
        return this == SELF ? "the JVM's user" : "user " + uid + ", group " + gid;
    }
}
