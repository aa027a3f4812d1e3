package io.cloister.sandbox;

import java.util.Optional;

/// The terminal that the JVM itself runs on, for programs that pass a sandbox on to their user.
/// Thread-safe.
///
/// A sandbox gets no descriptor of it: the JVM copies what is typed and shown, see
/// [Input#inherit()] and [Output#inherit()].
public interface HostTerminal {

    /// {@return the terminal that is the JVM's standard input; empty if that is none}
    ///
    /// @throws SandboxUnavailableException if there is no provider for this system
    static Optional<HostTerminal> ofStandardInput() {
        return Sandboxes.provider().hostTerminal();
    }

    /// {@return its size; [TerminalSize#standard()] where it does not know it itself}
    TerminalSize size();

    /// Sets it to raw mode: every key is a byte on standard input at once, unseen on the screen,
    /// also Ctrl-C and Ctrl-Z (cfmakeraw(3)). As it was before it becomes again when the mode is
    /// closed or the JVM ends, also by a signal that lets the JVM end in order. After `SIGKILL`
    /// nobody is left to do so.
    ///
    /// @return the mode, to be closed
    /// @throws SandboxException if the host refuses
    RawMode raw();

    /// Raw mode, until it is closed.
    interface RawMode extends AutoCloseable {
        /// Sets the terminal back to what it was. Closing again does nothing.
        ///
        /// @throws SandboxException if the host refuses; a terminal that is gone needs nothing
        @Override
        void close();
    }
}
