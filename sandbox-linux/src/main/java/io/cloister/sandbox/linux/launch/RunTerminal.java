package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxTerminal;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.TerminalSettings;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TerminalCalls;
import io.cloister.sandbox.linux.io.TerminalInput;
import io.cloister.sandbox.linux.terminal.TerminalAttributes;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// The JVM's side of a command's terminal.
///
/// Its streams have duplicates of the master, each to be closed by itself; the kernel hangs up when
/// the last one is closed. The JVM never keeps the other side open: the terminal would then be hung
/// up at the end of the command, by which the kernel throws away what was not read yet, instead of
/// being closed, by which nothing is lost. Thread-safe.
final class RunTerminal implements SandboxTerminal {

    private static final int NONE = -1;

    private final Streams streams;
    private final TerminalSettings settings;
    private TerminalSize size;
    private int master = NONE;

    /// @param streams which are to be ended by a hang-up
    RunTerminal(Streams streams, TerminalSettings settings) {
        this.streams = streams;
        this.settings = settings;
        size = settings.size();
    }

    /// Takes the master, and sets the terminal up. The program does not run yet.
    synchronized void attach(int descriptor) {
        master = descriptor;
        LaunchErrors.check(
                SetupStep.TERMINAL,
                "size " + size,
                TerminalCalls.setSize(master, size.rows(), size.columns()));
        if (settings.raw()) {
            int result =
                    TerminalAttributes.of(master)
                            .map(attributes -> attributes.raw().applyTo(master))
                            .orElseGet(Errno.ENOTTY::negated);
            LaunchErrors.check(SetupStep.TERMINAL, "raw mode", result);
        }
    }

    /// Another descriptor of the master, for a stream.
    synchronized int duplicate() {
        return LaunchErrors.check(
                SetupStep.TERMINAL,
                "descriptor for a stream",
                Kernel.fcntl(master, F_DUPFD_CLOEXEC, 0));
    }

    /// How the terminal is told the end of input now. A program may have changed it.
    synchronized TerminalInput.Ending ending() {
        Optional<TerminalAttributes> attributes =
                master == NONE ? Optional.empty() : TerminalAttributes.of(master);
        return new TerminalInput.Ending(
                attributes.flatMap(TerminalAttributes::endOfInput),
                attributes.map(TerminalAttributes::isCanonical).orElse(false));
    }

    /// Lets go of the master. What its streams hold is theirs.
    synchronized void end() {
        if (master != NONE) {
            Kernel.close(master);
            master = NONE;
        }
    }

    @Override
    public OutputStream input() {
        return streams.stdin();
    }

    @Override
    public InputStream output() {
        return streams.stdout();
    }

    @Override
    public synchronized TerminalSize size() {
        if (master != NONE) {
            // The program may set it too.
            TerminalCalls.WindowSize now = TerminalCalls.size(master);
            if (now.result() >= 0 && now.rows() > 0 && now.columns() > 0) {
                size = TerminalSize.of(now.columns(), now.rows());
            }
        }
        return size;
    }

    @Override
    public synchronized void resize(TerminalSize wanted) {
        if (master == NONE) {
            return;
        }
        int result = TerminalCalls.setSize(master, wanted.rows(), wanted.columns());
        if (result < 0) {
            throw new SandboxException(
                    "the terminal could not be resized to %s: %s"
                            .formatted(wanted, Errno.nameOf(-result)));
        }
        size = wanted;
    }

    @Override
    public void close() {
        end();
        streams.hangUp();
    }
}
