package io.cloister.sandbox;

import java.io.InputStream;
import java.io.OutputStream;

/// The host's side of the terminal that a command runs on: what is typed, and what is shown.
/// Thread-safe.
///
/// It is a pseudo-terminal (pty(7)): the command's standard input, output and error, and its
/// controlling terminal. Type and read on different threads: a program whose screen nobody reads
/// comes to a halt, and then reads nothing either.
///
/// It ends with the run. What was shown by then can be read to its end afterwards.
public interface SandboxTerminal extends AutoCloseable {

    /// {@return what the host types, if the command's input is [Input#pipe()]; otherwise a stream
    /// that takes and drops everything}
    ///
    /// A byte is what a key sends: 3 is Ctrl-C, which interrupts the foreground job, unless the
    /// program has set the terminal to pass it. A write waits while the program does not read. It
    /// throws [java.io.IOException] once nobody is left who could read.
    ///
    /// Closing it types the end of input (`VEOF`, Ctrl-D) and lets nothing more be typed. To a
    /// program that has set the terminal to raw mode that is a byte like any other: a terminal
    /// knows no other end of input than hang-up, [#close()].
    OutputStream input();

    /// {@return what the program shows, standard output and error as one, if the command's output
    /// is [Output#pipe()]; otherwise an empty stream}
    ///
    /// It ends when no process has the terminal open any more, at the end of the run, and after
    /// [#close()]. The bytes are the program's: written to a terminal of the host, its control
    /// sequences are obeyed there.
    InputStream output();

    /// {@return the size; the last one that was set, once the terminal is gone}
    TerminalSize size();

    /// Changes the size. The foreground job gets `SIGWINCH`, if the size is another one. Does
    /// nothing once the terminal is gone.
    ///
    /// @param size the size from now on
    /// @throws SandboxException if the host refuses
    void resize(TerminalSize size);

    /// Hangs up: the command gets `SIGHUP`, as when a window is closed. Whoever has the terminal
    /// open reads end of file from it and fails to write to it (`EIO`). The run goes on until the
    /// command ends; a program may ignore the signal. Closing again does nothing.
    @Override
    void close();
}
