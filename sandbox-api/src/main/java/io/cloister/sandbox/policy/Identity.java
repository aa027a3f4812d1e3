package io.cloister.sandbox.policy;

import java.util.List;

/// Who the command is, and which ids of the host stand behind the ids it sees.
///
/// With empty maps exactly one user and one group exist inside: `uid` and `gid`. Files of all other
/// owners show the overflow id, 65534. The ids of the host behind them are never those of its root.
///
/// @param uid the user id the program sees, >= 0
/// @param gid the group id the program sees, >= 0
/// @param groups its supplementary groups, at most 65536, each >= 0
/// @param uidMap ranges of user ids; empty for exactly one
/// @param gidMap ranges of group ids; empty for exactly one
public record Identity(
        int uid, int gid, List<Integer> groups, List<IdRange> uidMap, List<IdRange> gidMap) {

    /// The user and group id unless they are said: 1000.
    public static final int DEFAULT_ID = 1000;

    /// NGROUPS_MAX; getgroups(2).
    private static final int MAX_GROUPS = 65_536;

    /// The kernel's limit since Linux 4.15; user_namespaces(7).
    private static final int MAX_RANGES = 340;

    /// Checks and copies.
    ///
    /// @throws IllegalArgumentException if an id is negative, ranges of a map overlap or are more
    ///   than 340, or an id lies in none of the ranges of its map
    public Identity {
        checkId("uid", uid);
        checkId("gid", gid);
        groups = List.copyOf(groups);
        if (groups.size() > MAX_GROUPS) {
            throw new IllegalArgumentException(
                    "groups must be <= " + MAX_GROUPS + ", were " + groups.size());
        }
        for (int group : groups) {
            checkId("a group", group);
        }
        uidMap = checkMap("uidMap", uidMap);
        gidMap = checkMap("gidMap", gidMap);
        checkInside("uid", uid, "uidMap", uidMap);
        checkInside("gid", gid, "gidMap", gidMap);
        for (int group : groups) {
            checkInside("group", group, "gidMap", gidMap);
        }
    }

    /// {@return the default: user and group 1000 and no other id}
    public static Identity standard() {
        return new Identity(DEFAULT_ID, DEFAULT_ID, List.of(), List.of(), List.of());
    }

    private static void checkId(String what, int id) {
        if (id < 0) {
            throw new IllegalArgumentException(what + " must be >= 0, was " + id);
        }
    }

    private static List<IdRange> checkMap(String what, List<IdRange> map) {
        List<IdRange> copy = List.copyOf(map);
        if (copy.size() > MAX_RANGES) {
            throw new IllegalArgumentException(
                    "%s must have <= %d ranges, had %d".formatted(what, MAX_RANGES, copy.size()));
        }
        IdRange.overlap(copy)
                .ifPresent(range -> {
                    throw new IllegalArgumentException(
                            "ranges of %s must not overlap, but %s does".formatted(what, range));
                });
        return copy;
    }

    private static void checkInside(String what, int id, String name, List<IdRange> map) {
        if (!map.isEmpty() && map.stream().noneMatch(range -> range.contains(id))) {
            throw new IllegalArgumentException(
                    "%s must lie within %s, was %d with %s".formatted(what, name, id, map));
        }
    }
}
