package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxTerminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Somebody who sits at the terminal of a command: types, and looks at what is shown.
final class Typist implements AutoCloseable {

    /// What does not show soon is looked into, while the processes are still there.
    private static final Duration LATE = Duration.ofSeconds(10);

    private final SandboxProcess process;
    private final StringBuilder shown = new StringBuilder();
    private final Thread eyes;
    private int seen;

    private Typist(SandboxProcess process) {
        this.process = process;
        eyes = Thread.ofVirtual().start(this::look);
    }

    static Typist at(Sandbox sandbox, Command command) {
        return new Typist(sandbox.start(command));
    }

    private void look() {
        byte[] buffer = new byte[4096];
        try {
            InputStream output = terminal().output();
            for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
                synchronized (shown) {
                    shown.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SandboxProcess process() {
        return process;
    }

    SandboxTerminal terminal() {
        return process.terminal().orElseThrow();
    }

    Typist type(String text) {
        try {
            terminal().input().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Types the end of input, and nothing more.
    Typist endInput() {
        try {
            terminal().input().close();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until `text` is shown, behind what was waited for before.
    Typist sees(String text) {
        String[] late = {""};
        long begin = System.nanoTime();
        try {
            Host.await(
                    "shown: " + text,
                    () -> {
                        if (late[0].isEmpty() && System.nanoTime() - begin > LATE.toNanos()) {
                            late[0] = processes();
                        }
                        return found(text);
                    });
        } catch (AssertionError e) {
            throw new AssertionError(
                    "%s; shown is\n%s\nand after %s there ran\n%s"
                            .formatted(e.getMessage(), shown(), LATE, late[0]),
                    e);
        }
        return this;
    }

    /// What the processes at the terminal do.
    private String processes() {
        return ProcessHandle.of(process.pid()).stream()
                .flatMap(command -> Stream.concat(Stream.of(command), command.descendants()))
                .map(ProcessHandle::pid)
                .map(pid ->
                        tell(pid, "stat")
                                + tell(pid, "syscall")
                                + tell(pid, "status")
                                        .lines()
                                        .filter(line -> line.matches("(Sig|Shd).*"))
                                        .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("\n"));
    }

    private static String tell(long pid, String file) {
        try {
            return Host.read("/proc/" + pid + "/" + file);
        } catch (UncheckedIOException e) {
            return e.getMessage() + "\n";
        }
    }

    private boolean found(String text) {
        synchronized (shown) {
            int at = shown.indexOf(text, seen);
            if (at >= 0) {
                seen = at + text.length();
            }
            return at >= 0;
        }
    }

    String shown() {
        synchronized (shown) {
            return shown.toString();
        }
    }

    /// Waits for the end of the run, and of what it has shown.
    SandboxResult end() {
        try {
            SandboxResult result = process.waitForResult();
            eyes.join();
            return result;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.cancel();
    }
}
