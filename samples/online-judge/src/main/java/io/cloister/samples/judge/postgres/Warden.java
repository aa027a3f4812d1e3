package io.cloister.samples.judge.postgres;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/// Ends a database when the JVM is gone, in whatever way it went: a shell that waits for the end of
/// a pipe whose other end only the JVM has. Signals from the terminal are not for it.
///
/// Whoever makes one holds the lock of the [Home], so that no other JVM has a database there. The
/// file with the process id may be of a time before the host was started anew: only a process that
/// has the directory for an argument is ended.
final class Warden implements AutoCloseable {
    private static final String SCRIPT =
            """
            trap '' INT TERM HUP
            read -r _
            file=$1/data/postmaster.pid
            pid=$(head -n 1 "$file" 2> /dev/null) || pid=none
            if tr '\\0' '\\n' < "/proc/$pid/cmdline" | grep -qxF -e "$1/data"; then
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
