package io.cloister.sandbox.linux.io;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Supplier;

/// What is typed into a pseudo-terminal. To close it types the end of input.
public final class TerminalInput extends OutputStream implements Sink {

    private final PipeOutputStream master;
    private final Supplier<Ending> ending;

    /// Whether something was typed in the line, which is not at its end.
    private boolean inLine;

    private boolean closed;

    /// How the terminal is told the end at the moment.
    ///
    /// @param character what stands for it
    /// @param canonical whether lines are edited: then the character within a line only passes the
    ///   line on, and a second one is the end
    public record Ending(Optional<Byte> character, boolean canonical) {}

    /// @param master to write to
    /// @param ending asked when this is closed
    public TerminalInput(PipeOutputStream master, Supplier<Ending> ending) {
        this.master = master;
        this.ending = ending;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        master.write(source, offset, length);
        typed(source, offset + length);
    }

    @Override
    public boolean tryWrite(byte[] source, int length) throws IOException {
        boolean written = master.tryWrite(source, length);
        typed(source, length);
        return written;
    }

    private synchronized void typed(byte[] source, int end) {
        if (end > 0) {
            byte last = source[end - 1];
            inLine = last != '\n' && last != '\r';
        }
    }

    private synchronized boolean closeOnce() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    private synchronized boolean inLine() {
        return inLine;
    }

    /// Types the end of input, for which it may have to wait.
    @Override
    public void close() throws IOException {
        if (closeOnce()) {
            try (master) {
                Ending end = ending.get();
                if (end.character().isPresent()) {
                    byte c = end.character().get();
                    byte[] typed = inLine() && end.canonical() ? new byte[] {c, c} : new byte[] {c};
                    master.tryWrite(typed, typed.length);
                }
            }
        }
    }
}
