package io.cloister.sandbox.linux.landlock;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What a rule can allow below a path: `LANDLOCK_ACCESS_FS_*` of linux/landlock.h, in the order of
/// its bits. Source: landlock(7), and the kernel's Documentation/userspace-api/landlock.rst.
public enum FileRight {
    EXECUTE(1),
    WRITE_FILE(1),
    READ_FILE(1),
    READ_DIR(1),
    REMOVE_DIR(1),
    REMOVE_FILE(1),
    MAKE_CHAR(1),
    MAKE_DIR(1),
    MAKE_REG(1),
    MAKE_SOCK(1),
    MAKE_FIFO(1),
    MAKE_BLOCK(1),
    MAKE_SYM(1),
    /// To link or rename to another directory. A domain that does not handle it forbids that
    /// everywhere, on every kernel.
    REFER(2),
    TRUNCATE(3),
    /// Calls of ioctl(2) on devices, but for those that every file has.
    IOCTL_DEV(5),
    /// To connect to a Unix socket by its path, if it is not of the same domain.
    RESOLVE_UNIX(9);

    /// What can be allowed for a file that is no directory; with another right the kernel refuses
    /// the rule (`EINVAL`).
    static final Set<FileRight> OF_FILES =
            Collections.unmodifiableSet(
                    EnumSet.of(EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE, IOCTL_DEV, RESOLVE_UNIX));

    private final int since;

    FileRight(int since) {
        this.since = since;
    }

    /// The first version that knows it.
    int since() {
        return since;
    }

    /// Its bit.
    long bit() {
        return 1L << ordinal();
    }

    /// All that version `abi` knows.
    static Set<FileRight> knownTo(int abi) {
        Set<FileRight> known = EnumSet.allOf(FileRight.class);
        known.removeIf(right -> right.since > abi);
        return known;
    }

    /// Their bits together.
    static long bits(Set<FileRight> rights) {
        return rights.stream().mapToLong(FileRight::bit).sum();
    }

    /// For example `read_file`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
