package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.TerminalSettings;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Commands on terminals of their own.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TerminalTest {

    private static final TerminalSize SIZE = TerminalSize.of(101, 33);

    /// So many lines are more than a terminal holds by itself.
    private static final int LINES = 20_000;

    private static Sandbox sandbox;

    @BeforeAll
    static void open() {
        sandbox = strict().build();
    }

    @AfterAll
    static void close() {
        sandbox.close();
    }

    private static Command script(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static SandboxResult onTerminal(String script) {
        return run(strict(), script(script).terminal(SIZE));
    }

    private static Command bash() {
        return Command.of("bash", "--norc", "--noediting", "-i")
                .environment("PS1", "ready$ ")
                .terminal(SIZE);
    }

    @Test
    void theTerminalHasAName() {
        assertThat(onTerminal("tty")).exited(0).printed("/dev/pts/0\r\n");
        assertThat(shell(strict(), "tty")).exited(1).printed("not a tty\n");
    }

    @Test
    void eachCommandHasAFileSystemOfTerminalsOfItsOwn() {
        try (Typist first = Typist.at(sandbox, script("tty; read line").terminal(SIZE));
                Typist second = Typist.at(sandbox, script("tty; read line").terminal(SIZE))) {
            first.sees("/dev/pts/0");
            second.sees("/dev/pts/0");
            assertThat(first.type("x\n").end()).exited(0);
            assertThat(second.type("x\n").end()).exited(0);
        }
    }

    @Test
    void theTerminalHasTheSizeThatWasAskedFor() {
        assertThat(onTerminal("stty size")).exited(0).printed("33 101\r\n");
    }

    @Test
    void outputAndErrorsAreOne() {
        SandboxResult result = onTerminal("echo a; echo b >&2; echo c");
        assertThat(result).exited(0).printed("a\r\nb\r\nc\r\n");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void aNewSizeArrivesWithOneSignal() {
        String script =
                "n=0; trap 'n=$((n+1)); echo change $n: $(stty size)' WINCH;"
                        + " echo ready; while :; do sleep 0.02; done";
        try (Typist typist = Typist.at(sandbox, script(script).terminal(SIZE))) {
            typist.sees("ready");
            typist.terminal().resize(TerminalSize.of(120, 40));
            typist.sees("change 1: 40 120");
            typist.terminal().resize(TerminalSize.of(120, 40));
            typist.terminal().resize(TerminalSize.of(70, 20));
            typist.sees("change 2: 20 70");
            assertThat(typist.terminal().size()).isEqualTo(TerminalSize.of(70, 20));
        }
    }

    @Test
    void controlCInterruptsTheForegroundJobOnly() {
        try (Typist typist = Typist.at(sandbox, bash())) {
            typist.sees("ready$ ").type("sleep 1000 &\n").sees("[1]").sees("ready$ ");
            // A single process: a shell that is about to wait for another one would wait on.
            typist.type("sh -c 'echo started; exec sleep 2000'\n").sees("\nstarted").type("\003");
            typist.sees("ready$ ").type("echo status $?; jobs -r; echo end of jobs\n");
            typist.sees("\nstatus 130").sees("sleep 1000").sees("\nend of jobs");
            assertThat(typist.shown()).doesNotContain("Running                 sleep 2000");
            assertThat(typist.process().isAlive()).isTrue();
        }
    }

    @Test
    void jobsAreStoppedAndGoOn() {
        try (Typist typist = Typist.at(sandbox, bash())) {
            // A single process: one that waits for its child's execve(2) cannot be stopped.
            typist.sees("ready$ ")
                    .type("sh -c 'echo started; exec sleep 1000'\n")
                    .sees("\nstarted");
            typist.type("\032").sees("Stopped").sees("ready$ ");
            typist.type("bg\n").sees("[1]+").sees("ready$ ").type("jobs\n").sees("Running");
            typist.sees("ready$ ").type("fg\n").sees("sleep 1000").type("\003").sees("ready$ ");
            typist.type("echo status $?; exit 7\n").sees("\nstatus 130");
            assertThat(typist.end()).exited(7);
        }
    }

    @Test
    void toCloseTheInputIsItsEnd() {
        try (Typist typist = Typist.at(sandbox, script("cat; echo over").terminal(SIZE))) {
            typist.type("line\n").sees("line\r\nline\r\n").endInput().sees("over");
            assertThat(typist.end()).exited(0);
        }
    }

    @Test
    void theEndOfInputComesWithinALineToo() {
        try (Typist typist = Typist.at(sandbox, script("cat; echo over").terminal(SIZE))) {
            typist.type("begun").endInput().sees("begunbegunover");
            assertThat(typist.end()).exited(0);
        }
    }

    @Test
    void inputThatIsGivenIsTyped() {
        Command wc = script("stty -echo; wc -l").terminal(SIZE);
        assertThat(run(strict(), wc)).exited(0).printed("0\r\n");
        Command cat = script("cat > /tmp/typed; cat /tmp/typed").terminal(SIZE);
        assertThat(run(strict(), cat.stdin(Input.bytes("a\nb\n".getBytes()))))
                .exited(0)
                .text()
                .endsWith("a\r\nb\r\n");
    }

    @Test
    void inRawModeBytesPassUnchanged() {
        Command command = script("head -c 5 | od -An -c; printf 'x\\ny'");
        TerminalSettings raw = TerminalSettings.of(SIZE).asRaw();
        try (Typist typist = Typist.at(sandbox, command.terminal(raw))) {
            typist.type("a\r\003\004b");
            assertThat(typist.end()).exited(0);
            assertThat(typist.shown()).isEqualTo("   a  \\r 003 004   b\nx\ny");
        }
        try (Typist typist = Typist.at(sandbox, command.terminal(SIZE))) {
            typist.type("a\rbcd\r");
            assertThat(typist.end()).exited(0);
            assertThat(typist.shown()).isEqualTo("a\r\nbcd\r\n   a  \\n   b   c   d\r\nx\r\ny");
        }
    }

    @Test
    void nobodyTypesIntoATerminalFromInside() throws IOException {
        Host.needsProgram("python3", "python3");
        String act =
                "import fcntl, sys, termios\n"
                        + "try: fcntl.ioctl(0, termios.TIOCSTI, b'!')\n"
                        + "except OSError as e: sys.exit(e.errno)\n";
        Command command = Command.of("python3", "-c", act).terminal(SIZE);
        assertThat(run(strict(), command)).failedWith(Errno.EPERM);
        Path old = Path.of("/proc/sys/dev/tty/legacy_tiocsti");
        Assumptions.assumeTrue(
                Files.exists(old) && Files.readString(old).strip().equals("1"),
                "needs dev.tty.legacy_tiocsti=1, to see that the filter is what refuses");
        assertThat(run(strict().syscalls(SyscallPolicy.unfiltered()), command)).exited(0);
    }

    @Test
    void theControllingTerminalIsItsOwn() {
        assertThat(onTerminal("echo seen > /dev/tty")).exited(0).printed("seen\r\n");
        // Without a terminal there is none, whatever the JVM runs on.
        assertThat(shell(strict(), "exec 2> /dev/null; echo seen > /dev/tty")).exited(2);
    }

    @Test
    void terminalsOfTheHostAreOutOfSight() throws IOException {
        String names = "ls /dev/pts; ls -L /dev/tty* /dev/console 2> /dev/null; true";
        assertThat(onTerminal(names)).exited(0).printed("0  ptmx\r\n/dev/tty\r\n");
        try (var host = Files.list(Path.of("/dev"))) {
            assertThat(host.map(Path::toString)).contains("/dev/tty");
        }
    }

    @Test
    void aBackgroundProcessDoesNotKeepTheRun() {
        assertThat(onTerminal("sleep 1000 & setsid sleep 1000 & echo done"))
                .exited(0)
                .printed("done\r\n");
    }

    @Test
    void nothingThatWasShownIsLost() {
        SandboxResult result = onTerminal("seq " + LINES);
        assertThat(result).exited(0);
        assertThat(result.stdoutText().lines()).hasSize(LINES).endsWith("" + LINES);
    }

    @Test
    void whatWasShownCanBeReadWhenTheRunIsOver() throws Exception {
        var process = sandbox.start(script("seq 300").terminal(SIZE));
        assertThat(process.waitForResult()).exited(0);
        var output = process.terminal().orElseThrow().output();
        String text = new String(output.readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(text.lines()).hasSize(300).endsWith("300");
    }

    @Test
    void theOutputLimitCountsWhatIsShown() {
        Sandbox.Builder limited = strict().outputLimit(Bytes.kibibytes(64));
        SandboxResult result = run(limited, Command.of("yes").terminal(SIZE));
        assertThat(result).reached(Limit.OUTPUT);
        assertThat(result.stdout()).hasSize(64 * 1024);
        assertThat(run(limited, script("head -c 10 /dev/zero").terminal(SIZE))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void programsMakeTerminalsToo(boolean onTerminal) {
        Host.needsProgram("python3", "python3");
        String act =
                "import os, pty\n"
                        + "m, s = pty.openpty()\n"
                        + "os.write(s, os.ttyname(s).encode())\n"
                        + "print(os.read(m, 100).decode(), flush=True)\n"
                        + "pty.spawn(['tty'])\n";
        Command command = Command.of("python3", "-c", act);
        String first = onTerminal ? "/dev/pts/1" : "/dev/pts/0";
        String second = onTerminal ? "/dev/pts/2" : "/dev/pts/1";
        Sandbox.Builder builder = onTerminal ? strict() : strict().terminals();
        assertThat(run(builder, onTerminal ? command.terminal(SIZE) : command))
                .exited(0)
                .text()
                .contains(first)
                .contains(second);
    }

    @Test
    void withoutBothThereAreNone() {
        assertThat(shell(strict(), "exec 2> /dev/null; : < /dev/ptmx")).exited(2);
        assertThat(shell(strict().terminals(), "exec 2> /dev/null; : < /dev/ptmx")).exited(0);
    }

    @Test
    void terminalsAreFewSinceTheHostHasNotMany() {
        Host.needsProgram("python3", "python3");
        String act =
                "import os\n"
                        + "n = 0\n"
                        + "try:\n"
                        + "  while n < 5000: os.open('/dev/ptmx', os.O_RDWR); n += 1\n"
                        + "except OSError as e: print(n, e.errno)\n";
        assertThat(run(strict(), Command.of("python3", "-c", act).terminal(SIZE)))
                .exited(0)
                .printed("63 " + Errno.ENOSPC.number() + "\r\n");
    }

    @Test
    void muchIsPasted() throws Exception {
        byte[] text = ("0123456789".repeat(9) + "01234567\n").repeat(1000).getBytes();
        Command command = script("echo ready; cat > /tmp/x; wc -c < /tmp/x; cksum < /tmp/x");
        for (Thread.Builder kind : new Thread.Builder[] {Thread.ofPlatform(), Thread.ofVirtual()}) {
            try (Typist typist = Typist.at(sandbox, command.terminal(SIZE))) {
                typist.sees("ready");
                Thread paste =
                        kind.start(() -> {
                            typist.type(new String(text, StandardCharsets.ISO_8859_1));
                            typist.endInput();
                        });
                assertThat(typist.end()).exited(0);
                paste.join();
                assertThat(typist.shown()).contains("\r\n" + text.length + "\r\n");
            }
        }
    }

    @Test
    void toCloseTheTerminalHangsUp() {
        String script = "trap 'exit 7' HUP; echo ready; while :; do sleep 0.02; done";
        try (Typist typist = Typist.at(sandbox, script(script).terminal(SIZE))) {
            typist.sees("ready").terminal().close();
            assertThat(typist.end()).exited(7);
        }
        try (Typist typist =
                Typist.at(sandbox, script("echo ready; exec sleep 1000").terminal(SIZE))) {
            typist.sees("ready").terminal().close();
            typist.terminal().close();
            assertThat(typist.end()).signalled(Signal.HUP);
        }
    }

    @Test
    void whoTypesToNobodyIsTold() {
        String script = "echo ready; exec < /dev/null > /dev/null 2>&1; exec sleep 1000";
        try (Typist typist = Typist.at(sandbox, script(script).terminal(SIZE))) {
            typist.sees("ready");
            Host.await(
                    "an error for who types",
                    () -> {
                        try {
                            typist.type("x".repeat(50_000));
                            return false;
                        } catch (java.io.UncheckedIOException e) {
                            return true;
                        }
                    });
            assertThat(typist.process().isAlive()).isTrue();
        }
    }

    @Test
    void nothingIsLeftOpen() {
        long before = Host.descriptors().stream().filter(TerminalTest::isTerminal).count();
        for (int i = 0; i < 5; i++) {
            assertThat(onTerminal("tty")).exited(0);
            try (Typist typist = Typist.at(sandbox, script("read x").terminal(SIZE))) {
                assertThat(typist.type("x\n").end()).exited(0);
            }
        }
        Host.await(
                "closed terminals",
                () ->
                        Host.descriptors().stream().filter(TerminalTest::isTerminal).count()
                                <= before);
    }

    private static boolean isTerminal(String target) {
        return target.contains("ptmx") || target.contains("/pts/");
    }

    @Test
    void onTheHostsMountsTheTerminalIsTheHosts() {
        Command command = script("stty size; echo seen > /dev/tty").terminal(SIZE);
        assertThat(run(Sandbox.builder().hostMount(), command))
                .exited(0)
                .printed("33 101\r\nseen\r\n");
    }

    @Test
    void aConfinedCommandHasATerminalToo() {
        Host.needsLandlock(6);
        Command command = script("stty size; echo seen > /dev/tty").terminal(SIZE);
        assertThat(run(Sandbox.builder().confined(), command))
                .exited(0)
                .printed("33 101\r\nseen\r\n");
    }
}
