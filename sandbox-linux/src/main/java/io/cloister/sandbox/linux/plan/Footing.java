package io.cloister.sandbox.linux.plan;

/// From where a launch starts: what its launcher has prepared, and what the launch gets for itself.
///
/// @param ahead what the launcher has prepared
/// @param ownGroup whether the first process is born into a control group of its own (cgroup v2),
///   whose directory is the last descriptor that is passed
/// @param uid the host user that the launcher runs as, or that is set aside
/// @param gid the host group likewise
/// @param terminal where the terminal of the command comes from
/// @param standby whether the command's process is made ahead, and waits for what to execute
public record Footing(
        Ahead ahead, boolean ownGroup, int uid, int gid, TerminalSource terminal, boolean standby) {

    /// For a command that is known.
    public Footing(Ahead ahead, boolean ownGroup, int uid, int gid, TerminalSource terminal) {
        this(ahead, ownGroup, uid, gid, terminal, false);
    }

    /// For a command without a terminal.
    public Footing(Ahead ahead, boolean ownGroup, int uid, int gid) {
        this(ahead, ownGroup, uid, gid, TerminalSource.NONE);
    }
}
