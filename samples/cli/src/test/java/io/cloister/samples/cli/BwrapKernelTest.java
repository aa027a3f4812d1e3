package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.RootFilesystem;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Command lines of bubblewrap, run by bubblewrap and by `sandbox bwrap`.
@Tag("kernel")
class BwrapKernelTest {
    /// The programs of the host in a root of one's own.
    private static final String ROOT =
            links() + " --ro-bind /usr /usr --proc /proc --dev /dev --unshare-user ";

    private static final String ALL = ROOT + "--unshare-all ";

    @TempDir Path directory;

    private record End(int status, String out, String err) {}

    private static String links() {
        StringBuilder links = new StringBuilder();
        for (String name : List.of("bin", "sbin", "lib", "lib32", "lib64")) {
            if (Files.isDirectory(Path.of("/usr", name))) {
                links.append(" --symlink usr/").append(name).append(" /").append(name);
            }
        }
        return links.toString();
    }

    @BeforeEach
    void needsBubblewrap() throws Exception {
        // The user of the sandbox is none of the host's, where the JVM is root's.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        boolean there =
                Stream.of("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap")
                        .anyMatch(path -> Files.isExecutable(Path.of(path)));
        Assumptions.assumeTrue(there, "no bwrap here: install the Debian package bubblewrap");
        End end = theirs("\"$@\" --ro-bind / / --unshare-all --dev /dev --proc /proc true");
        Assumptions.assumeTrue(
                end.status() == 0, "needs namespaces for bubblewrap: it says " + end.err());
    }

    /// Shell scripts in which `"$@"` is the program.
    static Stream<String> lines() {
        return Stream.of(
                // As in its README.
                "\"$@\"" + ROOT + "--unshare-pid --new-session bash -c 'echo $$; ls -A /; id -u'",
                "\"$@\" --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp sh -c 'ls -A /tmp;"
                        + " echo a > /tmp/b; cat /tmp/b; touch /usr/x 2> /dev/null || echo closed'",
                "\"$@\" --ro-bind / / --dev /dev --proc /proc sh -c 'pwd; echo $PWD; cat in'",
                "\"$@\""
                        + ALL
                        + "--dir /tmp --dir /var --symlink ../tmp var/tmp sh -c"
                        + " 'pwd; echo a > /tmp/b; cat /var/tmp/b; stat -c %a /tmp /var'",
                "\"$@\""
                        + ALL
                        + "--perms 0640 --file 3 /etc/passwd --ro-bind-data 4 /etc/x sh -c"
                        + " 'cat /etc/passwd /etc/x; stat -c %a /etc/passwd /etc/x /etc'"
                        + " 3< <(echo one) 4< <(echo two)",
                "\"$@\""
                        + ALL
                        + "--perms 0700 --dir /a/b/c --perms 1777 --tmpfs /t --dir /d --chmod"
                        + " 0711 /d stat -c '%a %n' /a /a/b /a/b/c /t /d",
                "\"$@\""
                        + ALL
                        + "--size 1048576 --perms 1750 --tmpfs /t sh -c"
                        + " 'stat -c %a /t; echo $(($(stat -f -c %b*%S /t)))'",
                "\"$@\"" + ALL + "--chdir /usr/lib sh -c 'pwd; echo $PWD'",
                "\"$@\""
                        + ALL
                        + "--bind . /w --ro-bind in /w/sub/in sh -c"
                        + " 'cd /w; cat sub/in; echo b > out; cat out;"
                        + " echo c 2> /dev/null > sub/in || echo closed'",
                "\"$@\"" + ALL + "--bind . \"$PWD\" sh -c 'pwd; cat in'",
                "A=1 B=2 \"$@\"" + ALL + "--setenv C 'x y' --unsetenv A env | grep -v ^_= | sort",
                "A=1 \"$@\"" + ALL + "--setenv A 2 --clearenv --setenv PATH /usr/bin env | sort",
                "\"$@\"" + ROOT + "--unshare-uts --hostname box uname -n",
                "\"$@\"" + ROOT + "--unshare-uts uname -n",
                "\"$@\"" + ROOT + "--uid 12 --gid 13 sh -c 'id -u; id -g'",
                "\"$@\"" + ROOT + "--unshare-net sh -c 'grep -o \"^ *[a-z0-9]*:\" /proc/net/dev'",
                "\"$@\""
                        + ROOT
                        + "sh -c 'grep -o \"^ *[a-z0-9]*:\" /proc/net/dev; readlink"
                        + " /proc/self/ns/net /proc/self/ns/ipc /proc/self/ns/uts"
                        + " /proc/self/ns/pid'",
                // As its example of a shell does.
                "\"$@\""
                        + ROOT
                        + "--ro-bind /etc/passwd /etc/passwd --dir /tmp --dir /var"
                        + " --symlink ../tmp var/tmp --dir /run/user/7 --tmpfs /home"
                        + " --bind . /home/ann --chdir /home/ann --unshare-all --share-net"
                        + " --setenv XDG_RUNTIME_DIR /run/user/7 --setenv PS1 x --die-with-parent"
                        + " --disable-userns bash -c 'echo a > $XDG_RUNTIME_DIR/x; cat"
                        + " $XDG_RUNTIME_DIR/x; whoami; pwd; ls -A /home; cat in'",
                "\"$@\" --args 3 sh -c 'ls /; exit 5'"
                        + " 3< <(for w in"
                        + ALL
                        + "; do printf '%s\\0' $w; done)",
                "\"$@\"" + ALL + "--argv0 me true || true",
                "\"$@\"" + ALL + "sh -c 'exit 7'",
                "\"$@\"" + ALL + "sh -c 'kill -9 $$'",
                "\"$@\"" + ALL + "sh -c 'kill -TERM $$'",
                "echo in | \"$@\"" + ALL + "sh -c 'cat; echo err >&2'",
                "\"$@\""
                        + ALL
                        + "--cap-drop ALL sh -c 'cat /proc/self/status' | grep -E"
                        + " 'NoNewPrivs|CapEff'",
                "\"$@\""
                        + ALL
                        + "--cap-drop ALL --cap-add CAP_NET_RAW --cap-add CAP_CHOWN sh -c"
                        + " 'cat /proc/self/status' | grep CapEff",
                "\"$@\"" + ALL + "--ro-bind-try /nonexistent /x --remount-ro / ls -A /",
                "\"$@\""
                        + ALL
                        + "--tmpfs /a --dir /a/b --remount-ro /a sh -c"
                        + " 'ls /a; touch /a/c 2> /dev/null || echo closed'");
    }

    /// A writable tree with file systems in it whose owners cannot be mapped to another user.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"$@\" --bind / / --dev /dev --proc /proc sh -c 'pwd; cat in; echo a > out; cat"
                        + " out; id -u'",
                "\"$@\" --dev-bind / / sh -c 'echo a > /dev/null; pwd; ls /dev | head -n 5'"
            })
    void bothDoTheSameForAnOrdinaryUser(String script) throws Exception {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        Assumptions.assumeFalse(root, "needs an ordinary user: do not run as root");
        bothDoTheSame(script);
    }

    @ParameterizedTest
    @MethodSource("lines")
    void bothDoTheSame(String script) throws Exception {
        if (script.contains("--argv0")) {
            Assumptions.assumeTrue(
                    theirs("\"$@\" --help").out().contains("--argv0"),
                    "needs bubblewrap 0.9 for --argv0");
        }
        Files.writeString(directory.resolve("in"), "input\n");
        End theirs = theirs(script);
        End ours = ours(script);
        assertThat(ours.out()).as(ours.err() + "\nbubblewrap: " + theirs).isEqualTo(theirs.out());
        assertThat(ours.status()).as(ours.err()).isEqualTo(theirs.status());
    }

    @Test
    void theRootIsReadOnlyHereAlone() throws Exception {
        // Directories of --dir can be written to; the root itself belongs to the sandbox.
        String script = "\"$@\"" + ALL + "sh -c 'touch /x && echo made'";
        assertThat(theirs(script).out()).isEqualTo("made\n");
        End ours = ours(script);
        assertThat(ours.out()).isEmpty();
        assertThat(ours.err())
                .contains("sandbox: /: read-only for the command", "Read-only file system");
    }

    @Test
    void aCommandThatIsNotFoundHasTheStatusOfShells() throws Exception {
        String script = "\"$@\"" + ALL + "no-such-program";
        assertThat(theirs(script).status()).isEqualTo(1);
        assertThat(ours(script).status()).isEqualTo(127);
    }

    @Test
    void aFullTmpfsEndsTheRunAndLimitsCanBeSet() throws Exception {
        // Bubblewrap has no limits but this one, and the program meets ENOSPC alone.
        String full = "--size 4096 --tmpfs /t sh -c 'head -c 9999 /dev/zero > /t/f; sleep 9'";
        End ours = ours("\"$@\"" + ALL + full);
        assertThat(ours.status()).isEqualTo(124);
        assertThat(ours.err()).contains("DISK limit");
        End slow = ours("\"$@\" --wall-time 300ms" + ALL + "sleep 60");
        assertThat(slow.status()).isEqualTo(124);
        assertThat(slow.err()).contains("WALL_TIME limit of 300ms reached");
    }

    @Test
    void theRunIsWatchedThroughDescriptors() throws Exception {
        End ours =
                ours(
                        "echo go | \"$@\""
                                + ALL
                                + "--block-fd 0 --info-fd 3 --json-status-fd 4 sh -c 'sleep 0.5;"
                                + " exit 7' 3> info 4> status; echo $?");
        assertThat(ours.out()).as(ours.err()).isEqualTo("7\n");
        assertThat(Files.readString(directory.resolve("info")))
                .matches("\\{\n    \"child-pid\": [0-9]+\n}\n");
        assertThat(Files.readString(directory.resolve("status")))
                .matches("\\{ \"child-pid\": [0-9]+ }\n\\{ \"exit-code\": 7 }\n");
        End closed = ours("\"$@\"" + ALL + "--info-fd 77 true");
        assertThat(closed.status()).isEqualTo(125);
        assertThat(closed.err())
                .contains("sandbox: --info-fd: cannot write to descriptor 77: no such file");
    }

    @Test
    void aSignalEndsItWhileItWaits() throws Exception {
        // The FIFO is open to write, so that there is nothing to read and no end either.
        End ours =
                ours(
                        "mkfifo wait; exec 5<> wait; \"$@\""
                                + ALL
                                + "--block-fd 5 true > out 2>&1 & pid=$!; for i in $(seq 300); do"
                                + " test $(ls -l /proc/$pid/fd | grep -c '/wait$') = 2 && break;"
                                + " sleep 0.1; done; SECONDS=0; kill -TERM $pid; wait $pid; echo $?"
                                + " $((SECONDS < 4)); cat out");
        assertThat(ours.out()).as(ours.err()).startsWith("143 1\n").doesNotContain("complete");
    }

    @Test
    void itDiesWithItsParentIfAsked() throws Exception {
        End ours =
                ours(
                        "sh -c '\"$@\" < /dev/null > out 2>&1 & echo $! > pid;"
                                + " for i in $(seq 300); do ! grep -q up out || exit 0;"
                                + " sleep 0.1; done' sh \"$@\""
                                + ALL
                                + "--die-with-parent sh -c 'echo up; exec sleep 600'; pid=$(cat"
                                + " pid); for i in $(seq 200); do grep -q . /proc/$pid/cmdline 2>"
                                + " /dev/null || exit 3; sleep 0.1; done; kill -9 $pid");
        assertThat(ours.status()).as(Files.readString(directory.resolve("out"))).isEqualTo(3);
    }

    @Test
    void thePolicyIsPrintedForThoseWhoMoveOn() throws Exception {
        End printed = ours("\"$@\" --print-policy --wall-time 7s" + ALL + "true");
        assertThat(printed.status()).as(printed.err()).isZero();
        SandboxSpec spec = SandboxSpec.fromJson(printed.out());
        assertThat(spec.filesystem().root()).isEqualTo(new RootFilesystem.Empty(true));
        assertThat(spec.limits().wallTime()).contains(Duration.ofSeconds(7));
        Files.writeString(directory.resolve("policy.json"), printed.out());
        End run = java("run", "\"$@\" --policy policy.json -- ls /");
        assertThat(run.out().lines()).as(run.err()).contains("usr", "dev", "proc");
    }

    @Test
    void whatIsRefusedNamesTheOption() throws Exception {
        End ours = ours("\"$@\" --quiet" + ALL + "--seccomp 5 true");
        assertThat(ours.status()).isEqualTo(125);
        assertThat(ours("\"$@\"" + ALL + "--seccomp 5 true").err())
                .startsWith("sandbox: --seccomp (word ");
        assertThat(ours("\"$@\"" + ALL).err()).contains("no command stands after the options");
    }

    private End theirs(String script) throws Exception {
        return bash(script, List.of("bwrap"));
    }

    private End ours(String script) throws Exception {
        return java("bwrap", script);
    }

    private End java(String command, String script) throws Exception {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return bash(
                script,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--class-path",
                        String.join(":", entries),
                        "io.cloister.samples.cli.Main",
                        command));
    }

    private End bash(String script, List<String> program) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("bash", "-c", script, "bash"));
        words.addAll(program);
        Path out = Files.createTempFile("bwrap", ".out");
        Path err = Files.createTempFile("bwrap", ".err");
        try {
            Process process =
                    new ProcessBuilder(words)
                            .directory(directory.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended).as("ended within a minute").isTrue();
            return new End(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
