package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `sandbox shell` on a terminal, as its users see it: in a tmux that a test types into.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShellKernelTest {

    private static final int PATIENCE_SECONDS = 60;
    private static final int PAUSE_MILLIS = 50;

    @TempDir Path directory;

    private final String server = "cloister-test-" + UUID.randomUUID();

    @BeforeEach
    void open() throws Exception {
        boolean there =
                Arrays.stream(System.getenv().getOrDefault("PATH", "/usr/bin").split(":"))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "tmux")));
        Assumptions.assumeTrue(there, "no tmux here: install the Debian package tmux");
        Path script = directory.resolve("sandbox");
        Files.writeString(script, "#!/bin/sh\nexec " + javaCommand() + " \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        tmux("new-session", "-d", "-x", "90", "-y", "25", "env", "PS1=host> ", "sh");
        sees("host> ");
    }

    @AfterEach
    void close() throws Exception {
        // Ends what runs in it by SIGHUP.
        tmux("kill-server");
    }

    private static String javaCommand() {
        String classPath =
                Arrays.stream(System.getProperty("java.class.path").split(":"))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(":"));
        return Path.of(System.getProperty("java.home"), "bin/java")
                + " --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
                + " --class-path '"
                + classPath
                + "' io.cloister.samples.cli.Main";
    }

    private String tmux(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-L", server, "-f", "/dev/null"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().remove("TMUX");
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("tmux does not end: " + command);
        }
        return text;
    }

    private void types(String text) throws Exception {
        tmux("send-keys", "-l", text);
        tmux("send-keys", "Enter");
    }

    private void presses(String key) throws Exception {
        tmux("send-keys", key);
    }

    private String screen() throws Exception {
        return tmux("capture-pane", "-p", "-J");
    }

    /// Waits until a line of the screen begins with what `pattern` matches.
    private Matcher sees(String pattern) throws Exception {
        Pattern line = Pattern.compile("^" + pattern, Pattern.MULTILINE);
        String screen = "";
        for (int i = 0; i < PATIENCE_SECONDS * 1000 / PAUSE_MILLIS; i++) {
            screen = screen();
            Matcher matcher = line.matcher(screen);
            if (matcher.find()) {
                return matcher;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        throw new AssertionError("waited for a minute for " + pattern + "; shown is\n" + screen);
    }

    /// Types a command of the shell outside, on a clear screen, between two looks at the terminal.
    private void runs(String command) throws Exception {
        types(
                "clear; stty -g > before; ./sandbox shell "
                        + command
                        + "; echo exit $?; stty -g > after");
    }

    private void theTerminalIsAsBefore() throws Exception {
        sees("host> ");
        assertThat(directory.resolve("after"))
                .hasContent(Files.readString(directory.resolve("before")));
        types("echo ty''ped");
        sees("typed");
    }

    @Test
    void aShellBehavesLikeOneOnThisTerminal() throws Exception {
        runs("-- bash --norc");
        sees("bash.*\\$ ");
        types("tty; stty size");
        sees("/dev/pts/0\n25 90");
        types("clear; sh -c 'echo started; sleep 1000'");
        sees("started");
        presses("C-z");
        sees("\\[1\\]\\+ +Stopped");
        types("clear; fg");
        sees("sh -c");
        presses("C-c");
        types("echo status $?");
        sees("status 130");
        tmux("resize-window", "-x", "70", "-y", "20");
        types("clear; until stty size | grep '20 70'; do sleep 0.1; done");
        sees("20 70");
        types("exit 5");
        sees("exit 5");
        theTerminalIsAsBefore();
    }

    @Test
    void aSignalLeavesTheTerminalAsItWas() throws Exception {
        runs("-- sh -c 'echo up; exec sleep 1000'");
        sees("up");
        assertThat(Files.readString(directory.resolve("before"))).isNotEmpty();
        String pane = tmux("display-message", "-p", "#{pane_pid}").strip();
        ProcessHandle java =
                ProcessHandle.of(Long.parseLong(pane))
                        .orElseThrow()
                        .children()
                        .filter(child -> child.info().command().orElse("").endsWith("/java"))
                        .findFirst()
                        .orElseThrow();
        java.destroy();
        sees("exit 143");
        theTerminalIsAsBefore();
    }

    @Test
    void aCommandThatDoesNotRunLeavesTheTerminalAsItWas() throws Exception {
        runs("-- /no/such/program");
        sees("sandbox: .*ENOENT");
        sees("exit 127");
        theTerminalIsAsBefore();
    }

    @Test
    void theTerminalOfTheHostIsRawMeanwhile() throws Exception {
        runs("-- sh -c 'echo up; exec cat'");
        sees("up");
        String tty = tmux("display-message", "-p", "#{pane_tty}").strip();
        Process stty =
                new ProcessBuilder("stty", "-a").redirectInput(Path.of(tty).toFile()).start();
        String settings = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(settings).contains("-icanon").contains("-echo ").contains("-isig");
        presses("C-d");
        sees("exit 0");
        theTerminalIsAsBefore();
    }

    @Test
    void withoutATerminalItSaysSo() throws Exception {
        types("clear; ./sandbox shell < /dev/null 2> said; echo exit $?");
        sees("exit 2");
        assertThat(directory.resolve("said"))
                .content()
                .startsWith("sandbox: shell needs a terminal on standard input");
    }
}
