package io.cloister.sandbox.policy;

/// Pseudo-terminals of the sandbox's own, at `/dev/pts`, for programs that make some themselves:
/// terminal multiplexers, servers with logins, tests of programs with a screen.
///
/// There are 64 at most at one time: making one more fails with `ENOSPC`. Not needed for a command
/// that runs on a terminal ([io.cloister.sandbox.Command#terminal]): with that one they come
/// anyway. Without both, `/dev/ptmx` leads nowhere (`ENOENT`). They cost a launch 50 to 100 µs.
///
/// `/dev` must be the sandbox's own.
public record Terminals() implements Mount {
    /// Where they are.
    public static final String DESTINATION = "/dev/pts";

    @Override
    public String destination() {
        return DESTINATION;
    }
}
