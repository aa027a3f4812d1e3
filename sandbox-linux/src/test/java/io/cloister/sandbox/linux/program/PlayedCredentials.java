package io.cloister.sandbox.linux.program;

import io.cloister.sandbox.Errno;

/// The capabilities of a process as the kernel keeps them: it refuses what it refuses, and changes
/// what it changes. Source: capabilities(7), capset(2), prctl(2), security/commoncap.c.
final class PlayedCredentials {

    /// All that this kernel knows.
    static final long ALL = (1L << PlayedLaunch.LAST_CAPABILITY + 1) - 1;

    private static final int SETPCAP = 8;
    private static final long LOCKS = 0xaa;

    /// The five sets of a process, and what goes with them.
    record Sets(
            long inheritable,
            long permitted,
            long effective,
            long bounding,
            long ambient,
            long securebits,
            boolean noNewPrivileges) {

        /// All sets that count for what it may do.
        long any() {
            return inheritable | permitted | effective | ambient;
        }

        /// As they are when it has executed a plain program (pP' = pA', pE' = pA').
        Sets executed() {
            return new Sets(
                    inheritable, ambient, ambient, bounding, ambient, securebits, noNewPrivileges);
        }
    }

    private final Machine machine;
    private boolean user0;
    private Sets sets = new Sets(0, ALL, ALL, ALL, 0, 0, false);

    /// @param user0 whether the process is user 0 of its namespace
    private PlayedCredentials(Machine machine, boolean user0) {
        this.machine = machine;
        this.user0 = user0;
    }

    /// Answers for `played` from now on.
    static PlayedCredentials of(PlayedLaunch played, boolean user0) {
        PlayedCredentials credentials = new PlayedCredentials(played.machine, user0);
        played.answers.put(Call.PRCTL, (_, a) -> credentials.control(a));
        played.answers.put(Call.CAPSET, (_, a) -> credentials.set(a));
        played.answers.put(Call.SETRESUID, (_, a) -> credentials.become(a));
        // What the tree needs most.
        played.answers.put(Call.PIVOT_ROOT, (_, _) -> credentials.need(21));
        played.answers.put(Call.CHROOT, (_, _) -> credentials.need(18));
        return credentials;
    }

    Sets sets() {
        return sets;
    }

    private long need(int capability) {
        return (sets.effective >> capability & 1) != 0 ? 0 : Errno.EPERM.negated();
    }

    private long become(long[] a) {
        boolean fixup = (sets.securebits & Linux.SECBIT_NO_SETUID_FIXUP) == 0;
        if (user0 && a[0] != 0 && fixup) {
            sets = with(sets.inheritable, 0, 0, sets.bounding, 0, sets.securebits);
        }
        user0 = a[0] == 0;
        return 0;
    }

    private long control(long[] a) {
        return switch ((int) a[0]) {
            case Linux.PR_SET_SECUREBITS -> securebits(a[1]);
            case Linux.PR_CAPBSET_DROP -> {
                if (a[1] > PlayedLaunch.LAST_CAPABILITY) {
                    yield Errno.EINVAL.negated();
                }
                if (need(SETPCAP) != 0) {
                    yield Errno.EPERM.negated();
                }
                sets =
                        with(
                                sets.inheritable,
                                sets.permitted,
                                sets.effective,
                                sets.bounding & ~(1L << a[1]),
                                sets.ambient,
                                sets.securebits);
                yield 0;
            }
            case Linux.PR_CAP_AMBIENT -> raise(a);
            case Linux.PR_SET_NO_NEW_PRIVS -> {
                sets =
                        new Sets(
                                sets.inheritable,
                                sets.permitted,
                                sets.effective,
                                sets.bounding,
                                sets.ambient,
                                sets.securebits,
                                true);
                yield 0;
            }
            default -> 0;
        };
    }

    private long securebits(long bits) {
        long locked = sets.securebits & LOCKS;
        boolean unlocks = (locked & ~bits) != 0;
        boolean changesLocked = (locked >> 1 & (sets.securebits ^ bits)) != 0;
        if (unlocks || changesLocked || need(SETPCAP) != 0) {
            return Errno.EPERM.negated();
        }
        sets =
                with(
                        sets.inheritable,
                        sets.permitted,
                        sets.effective,
                        sets.bounding,
                        sets.ambient,
                        bits);
        return 0;
    }

    private long raise(long[] a) {
        if (a[1] != Linux.PR_CAP_AMBIENT_RAISE || a[3] != 0 || a[4] != 0) {
            return Errno.EINVAL.negated();
        }
        boolean forbidden = (sets.securebits & Linux.SECBIT_NO_CAP_AMBIENT_RAISE) != 0;
        if (forbidden || ((sets.permitted & sets.inheritable) >> a[2] & 1) == 0) {
            return Errno.EPERM.negated();
        }
        sets =
                with(
                        sets.inheritable,
                        sets.permitted,
                        sets.effective,
                        sets.bounding,
                        sets.ambient | 1L << a[2],
                        sets.securebits);
        return 0;
    }

    private long set(long[] a) {
        if (machine.half(a[0]) != 0x20080522) {
            return Errno.EINVAL.negated();
        }
        long effective = capabilities(a[1], 0);
        long permitted = capabilities(a[1], 4);
        long inheritable = capabilities(a[1], 8);
        boolean more =
                (permitted & ~sets.permitted) != 0
                        || (effective & ~permitted) != 0
                        || (inheritable & ~(sets.inheritable | sets.bounding)) != 0
                        || need(SETPCAP) != 0
                                && (inheritable & ~(sets.inheritable | sets.permitted)) != 0;
        if (more) {
            return Errno.EPERM.negated();
        }
        sets =
                with(
                        inheritable,
                        permitted,
                        effective,
                        sets.bounding,
                        sets.ambient & permitted & inheritable,
                        sets.securebits);
        return 0;
    }

    private long capabilities(long data, int offset) {
        return Integer.toUnsignedLong(machine.half(data + offset))
                | Integer.toUnsignedLong(machine.half(data + 12 + offset)) << 32;
    }

    private Sets with(
            long inheritable,
            long permitted,
            long effective,
            long bounding,
            long ambient,
            long securebits) {
        return new Sets(
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                securebits,
                sets.noNewPrivileges);
    }
}
