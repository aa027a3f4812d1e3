package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.CommandUser;

import java.util.Optional;

/// From where a launch starts: what its launcher has prepared, and what the launch gets for itself.
///
/// @param ahead what the launcher has prepared
/// @param ownGroup whether the first process is born into a control group of its own (cgroup v2),
///   whose directory is the last descriptor that is passed
/// @param uid the host user that the launcher runs as, or that is set aside
/// @param gid the host group likewise
/// @param terminal where the terminal of the command comes from
/// @param entries how many control groups the first process enters by itself, in each of which it
///   writes to a file; these are the descriptors behind all others but that of `ownGroup`
/// @param user whom the command runs as, if that is not the user of the sandbox
/// @param standby whether the command's process is made ahead, and waits for what to execute
public record Footing(
        Ahead ahead,
        boolean ownGroup,
        int uid,
        int gid,
        TerminalSource terminal,
        int entries,
        Optional<CommandUser> user,
        boolean standby) {

    /// For a command that is its sandbox's user, in the control group that it is born into.
    public Footing(Ahead ahead, boolean ownGroup, int uid, int gid, TerminalSource terminal) {
        this(ahead, ownGroup, uid, gid, terminal, 0, Optional.empty(), false);
    }

    /// For a command without a terminal.
    public Footing(Ahead ahead, boolean ownGroup, int uid, int gid) {
        this(ahead, ownGroup, uid, gid, TerminalSource.NONE);
    }
}
