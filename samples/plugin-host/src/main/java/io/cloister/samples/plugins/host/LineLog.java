package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.wire.Text;
import io.cloister.sandbox.OutputConsumer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Makes lines of what a plugin writes: cut, and visible. How many there can be the output limit of
/// its sandbox bounds.
final class LineLog implements OutputConsumer {
    private static final int LONGEST = 1000;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LineLog(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void accept(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next != '\n') {
                line.write(next);
            }
            if (next == '\n' || line.size() >= LONGEST) {
                lines.accept(Text.visible(line.toString(StandardCharsets.UTF_8)));
                line.reset();
            }
        }
    }
}
