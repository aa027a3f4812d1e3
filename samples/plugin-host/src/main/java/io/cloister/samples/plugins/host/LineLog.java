package io.cloister.samples.plugins.host;

import io.cloister.sandbox.OutputConsumer;
import io.cloister.sandbox.VisibleText;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Makes lines of what one run of a plugin writes: cut, and visible. How many there can be the
/// output limit of its sandbox bounds.
final class LineLog implements OutputConsumer {
    private static final int LONGEST = 1000;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LineLog(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public synchronized void accept(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            // Not within a character.
            if (line.size() >= LONGEST && (next & 0xC0) != 0x80 || line.size() > LONGEST + 3) {
                tell();
            }
            if (next == '\n') {
                tell();
            } else {
                line.write(next);
            }
        }
    }

    /// Tells a last line without an end, typical of who dies.
    synchronized void end() {
        if (line.size() > 0) {
            tell();
        }
    }

    private void tell() {
        lines.accept(VisibleText.line(line.toString(StandardCharsets.UTF_8), LONGEST + 3));
        line.reset();
    }
}
