package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.linux.mount.MountPlan;

/// Where the terminal of a command comes from.
public enum TerminalSource {
    /// It has none.
    NONE,
    /// From the sandbox's own file system of pseudo-terminals: the first process opens it there,
    /// and hands the other side to the JVM. Its name means something inside.
    OWN,
    /// From the host, where the sandbox has no such file system: the JVM opens it, and passes it as
    /// the standard streams. It has no name inside, but `/dev/tty` opens it where that is there.
    PASSED;

    /// For `command` in a tree that is built by `mounts`.
    public static TerminalSource of(Command command, MountPlan mounts) {
        if (command.terminal().isEmpty()) {
            return NONE;
        }
        return mounts.hasTerminals() ? OWN : PASSED;
    }
}
