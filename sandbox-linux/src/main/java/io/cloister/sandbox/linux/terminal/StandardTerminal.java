package io.cloister.sandbox.linux.terminal;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.HostTerminal;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.linux.ffm.TerminalCalls;

import java.util.Optional;

/// The terminal that is the JVM's standard input.
public final class StandardTerminal implements HostTerminal {

    private static final int STDIN = 0;

    private StandardTerminal() {}

    /// Empty if standard input is none.
    public static Optional<HostTerminal> find() {
        return TerminalAttributes.of(STDIN).map(_ -> new StandardTerminal());
    }

    @Override
    public TerminalSize size() {
        TerminalCalls.WindowSize size = TerminalCalls.size(STDIN);
        return size.result() < 0 || size.rows() == 0 || size.columns() == 0
                ? TerminalSize.standard()
                : TerminalSize.of(size.columns(), size.rows());
    }

    @Override
    public RawMode raw() {
        TerminalAttributes before =
                TerminalAttributes.of(STDIN)
                        .orElseThrow(() ->
                                new SandboxException("standard input is no terminal any more"));
        return new Raw(before);
    }

    /// Raw mode. A hook of the JVM sets the terminal back where nobody else does.
    private static final class Raw implements RawMode {
        private final TerminalAttributes before;
        private final Thread hook = new Thread(this::restore, "cloister-terminal");
        private boolean restored;

        Raw(TerminalAttributes before) {
            this.before = before;
            // First the hook: a signal may end the JVM at any moment.
            Runtime.getRuntime().addShutdownHook(hook);
            int result = before.raw().applyTo(STDIN);
            if (result < 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
                throw failed("set to raw mode", result);
            }
        }

        private synchronized void restore() {
            if (!restored) {
                restored = true;
                int result = before.applyTo(STDIN);
                if (result < 0 && !TerminalAttributes.isGone(result)) {
                    throw failed("set back; try `stty sane`", result);
                }
            }
        }

        @Override
        public void close() {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending: the hook runs, and finds nothing to do.
                return;
            }
        }

        private static SandboxException failed(String what, int result) {
            return new SandboxException(
                    "the terminal on standard input could not be %s: %s"
                            .formatted(what, Errno.nameOf(-result)));
        }
    }
}
