package io.cloister.sandbox;

import io.cloister.sandbox.policy.Identity;

import java.util.List;

/// Whom a command runs as, where that is not the user of its sandbox.
///
/// @param uid its user id as the program sees it, >= 0
/// @param gid its group id as the program sees it, >= 0
/// @param groups its supplementary groups, at most 65536, each >= 0
public record CommandUser(int uid, int gid, List<Integer> groups) {

    /// Checks and copies.
    ///
    /// @throws IllegalArgumentException if an id is negative, or there are too many groups
    public CommandUser {
        // The same rules as for the user of a sandbox.
        groups = new Identity(uid, gid, groups, List.of(), List.of()).groups();
    }

    /// For example `user 2000, group 100, groups [27]`.
    @Override
    public String toString() {
        return "user " + uid + ", group " + gid + (groups.isEmpty() ? "" : ", groups " + groups);
    }
}
