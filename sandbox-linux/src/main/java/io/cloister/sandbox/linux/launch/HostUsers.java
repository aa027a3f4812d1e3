package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.ffm.Kernel;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ThreadLocalRandom;

/// The host users that a privileged JVM gives to its slots, one each, uid and gid alike.
///
/// The range is the system property `io.cloister.sandbox.hostUsers`, `first-last`; the default lies
/// above what distributions, systemd and subordinate ids use. A user that is taken is held by a
/// socket in the abstract namespace, so that several JVMs of one host do not share users. That is
/// for good order, not a boundary: a name held by somebody else is passed over.
final class HostUsers {

    /// The property.
    static final String PROPERTY = "io.cloister.sandbox.hostUsers";

    private static final String DEFAULT = "1900000000-1900065535";
    private static final long HIGHEST = Integer.MAX_VALUE - 1;

    private final int first;
    private final int count;
    private int next;

    /// @param first the first user
    /// @param last the last one
    HostUsers(long first, long last) {
        if (first < 1 || last < first || last > HIGHEST) {
            throw new IllegalArgumentException(
                    "%s must be first-last with 1 <= first <= last <= %d, was %d-%d"
                            .formatted(PROPERTY, HIGHEST, first, last));
        }
        this.first = Math.toIntExact(first);
        count = Math.toIntExact(last - first + 1);
        next = ThreadLocalRandom.current().nextInt(count);
    }

    static HostUsers configured() {
        String value = System.getProperty(PROPERTY, DEFAULT);
        String[] ends = value.split("-", -1);
        if (ends.length != 2) {
            throw malformed(value, null);
        }
        try {
            return new HostUsers(Long.parseLong(ends[0].trim()), Long.parseLong(ends[1].trim()));
        } catch (NumberFormatException e) {
            throw malformed(value, e);
        }
    }

    private static IllegalArgumentException malformed(
            String value, @Nullable NumberFormatException cause) {
        return new IllegalArgumentException(
                "%s must be first-last, for example %s, was %s".formatted(PROPERTY, DEFAULT, value),
                cause);
    }

    /// A host user that is held.
    ///
    /// @param id uid and gid
    /// @param holder the descriptor that holds it; -1 if somebody else does
    record HostUser(int id, int holder) {
        /// A user that somebody else holds.
        static HostUser borrowed(int id) {
            return new HostUser(id, -1);
        }

        void release() {
            if (holder >= 0) {
                Kernel.close(holder);
            }
        }
    }

    /// The first user of the range, for listings.
    int first() {
        return first;
    }

    /// Takes a free user.
    synchronized HostUser take() {
        for (int i = 0; i < count; i++) {
            int id = first + next;
            next = (next + 1) % count;
            int holder = Kernel.bindAbstract("io.cloister.sandbox/host-user/" + id);
            if (holder >= 0) {
                return new HostUser(id, holder);
            }
            if (!Errno.EADDRINUSE.is(holder)) {
                throw LaunchErrors.of(
                        io.cloister.sandbox.SetupStep.START_LAUNCHER, "host user " + id, holder);
            }
        }
        throw new SandboxUnavailableException(
                "all " + count + " host users from " + first + " are in use",
                "host users",
                "give a larger range: -D" + PROPERTY + "=first-last");
    }
}
