package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.CommandUser;
import io.cloister.sandbox.policy.IdRange;

import java.util.List;

/// How the users inside become users of the host.
public sealed interface UserMap {

    /// A user and a group of the host.
    record HostIds(long uid, long gid) {}

    /// Who on the host is behind the user of a command.
    ///
    /// @throws IllegalArgumentException if an id of it is not mapped
    default HostIds hostIds(CommandUser user) {
        throw new IllegalArgumentException(
                "%s needs ranges of users and groups that have it, and the policy maps one user and"
                                .formatted(user)
                        + " one group alone, or none: call mapUids and mapGids");
    }

    /// One user and one group inside; the launcher's own user and group outside. The child writes
    /// both maps itself, which needs no privilege.
    record Single(int uid, int gid) implements UserMap {}

    /// Ranges. The maps are written from outside, with privilege or by newuidmap and newgidmap;
    /// then the child takes the user, group and supplementary groups.
    record Ranges(List<IdRange> uids, List<IdRange> gids, int uid, int gid, List<Integer> groups)
            implements UserMap {

        @Override
        public HostIds hostIds(CommandUser user) {
            user.groups().forEach(group -> outside(gids, group));
            return new HostIds(outside(uids, user.uid()), outside(gids, user.gid()));
        }

        /// The host's numbers of the user and the group.
        public HostIds hostIds() {
            return new HostIds(hostUid(), hostGid());
        }

        /// The host's number of the user.
        public long hostUid() {
            return outside(uids, uid);
        }

        /// The host's number of the group.
        public long hostGid() {
            return outside(gids, gid);
        }

        private static long outside(List<IdRange> ranges, int id) {
            for (IdRange range : ranges) {
                if (id >= range.inside() && id - range.inside() < range.count()) {
                    return range.outside() + id - range.inside();
                }
            }
            throw new IllegalArgumentException("id " + id + " is not in " + ranges);
        }
    }

    /// No user namespace; the launcher's own user and group.
    record Host() implements UserMap {}

    /// No user namespace: a privileged launcher sets up, and the command gets the user and group
    /// that were set aside for this launch.
    record HostDropped() implements UserMap {}
}
