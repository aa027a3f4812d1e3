package io.cloister.sandbox.linux.terminal;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NOCTTY;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_RDWR;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TerminalCalls;

/// A pseudo-terminal of the host, for a command whose tree has no place for its own.
///
/// Neither side becomes the controlling terminal of the JVM.
///
/// @param master the host's side, non-blocking; or -errno
/// @param slave the program's side; or -errno, and `master` is closed
public record PseudoTerminal(int master, int slave) {

    private static final String MULTIPLEXER = "/dev/ptmx";

    /// Opens one.
    public static PseudoTerminal open() {
        int master = Kernel.open(MULTIPLEXER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0);
        if (master < 0) {
            return new PseudoTerminal(master, master);
        }
        int result = TerminalCalls.unlock(master);
        if (result >= 0) {
            result = TerminalCalls.openPeer(master, O_RDWR | O_NOCTTY | O_CLOEXEC);
        }
        if (result < 0) {
            Kernel.close(master);
        }
        return new PseudoTerminal(result < 0 ? result : master, result);
    }
}
