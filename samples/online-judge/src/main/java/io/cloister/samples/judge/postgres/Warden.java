package io.cloister.samples.judge.postgres;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/// Ends a database when the JVM is gone, in whatever way it went: a shell that waits for the end of
/// a pipe whose other end only the JVM has. Signals from the terminal are not for it.
final class Warden implements AutoCloseable {
    private static final String SCRIPT =
            """
            trap '' INT TERM HUP
            read -r _
            file=$1/data/postmaster.pid
            if pid=$(head -n 1 "$file" 2> /dev/null); then
              kill -INT "$pid"
              for _ in $(seq 100); do [ -e "$file" ] && sleep 0.1; done
            fi
            [ "$2" = true ] || rm -rf "$1"
            """;

    private final Process shell;

    private Warden(Process shell) {
        this.shell = shell;
    }

    static Warden of(Home home) throws IOException {
        return new Warden(
                new ProcessBuilder(
                                "sh",
                                "-c",
                                SCRIPT,
                                "warden",
                                home.directory().toString(),
                                Boolean.toString(home.kept()))
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start());
    }

    /// Has it look after what is left, and waits until it has.
    @Override
    public void close() throws IOException {
        shell.getOutputStream().close();
        try {
            shell.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
