package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The command line as its users run it: in a JVM of its own.
@Tag("kernel")
class CliKernelTest {
    @TempDir Path directory;

    private record End(int status, String out, String err) {}

    private Process start(List<String> words) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--class-path",
                                absoluteClassPath(),
                                "io.cloister.samples.cli.Main"));
        command.addAll(words);
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(":", entries);
    }

    private End run(String... words) throws IOException, InterruptedException {
        Process process = start(List.of(words));
        process.getOutputStream().close();
        return end(process);
    }

    private End end(Process process) throws IOException, InterruptedException {
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("ended within a minute").isTrue();
        return new End(
                process.exitValue(),
                Files.readString(directory.resolve("out")),
                Files.readString(directory.resolve("err")));
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 7, 7", "kill -9 $$, 137", "kill -SEGV $$, 139"})
    void theStatusIsThatOfTheCommand(String script, int status) throws Exception {
        assertThat(run("run", "--", "sh", "-c", script)).isEqualTo(new End(status, "", ""));
    }

    @Test
    void aClosedCallFailsAndAForbiddenOneEndsTheRun() throws Exception {
        String[] chown = {"sh", "-c", "touch /tmp/f && chown 1000 /tmp/f"};
        assertThat(run("run", "--", chown[0], chown[1], chown[2])).isEqualTo(new End(0, "", ""));
        End failed = run("run", "--syscalls", "judge", "--", chown[0], chown[1], chown[2]);
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("Operation not permitted");
        End killed =
                run("run", "--deny-syscall", "@chown:kill", "--", chown[0], chown[1], chown[2]);
        assertThat(killed.status()).as(killed.err()).isIn(124, 159);
    }

    @Test
    void streamsArePassedOn() throws Exception {
        Process process = start(List.of("run", "--", "sh", "-c", "cat; echo problem >&2"));
        try (var in = process.getOutputStream()) {
            in.write("hello\n".getBytes());
        }
        assertThat(end(process)).isEqualTo(new End(0, "hello\n", "problem\n"));
    }

    @Test
    void standardInputComesFromAFile() throws Exception {
        Files.writeString(directory.resolve("in"), "from a file");
        assertThat(run("run", "--stdin", "in", "--", "cat"))
                .isEqualTo(new End(0, "from a file", ""));
    }

    @Test
    void commandsThatCannotBeExecutedHaveTheStatusOfShells() throws Exception {
        End unknown = run("run", "--", "no-such-program");
        assertThat(unknown.status()).isEqualTo(127);
        assertThat(unknown.err().lines())
                .singleElement()
                .asString()
                .startsWith("sandbox: execute")
                .contains("no-such-program", "ENOENT");

        End directory = run("run", "--", "/usr");
        assertThat(directory.status()).isEqualTo(126);
        assertThat(directory.err()).contains("EACCES");
    }

    @Test
    void aSandboxThatCannotBeMadeEndsWith125() throws Exception {
        End end = run("run", "--ro", "nonexistent", "--", "true");
        assertThat(end.status()).isEqualTo(125);
        assertThat(end.err().lines()).singleElement().asString().startsWith("sandbox: mount");
    }

    @Test
    void aReachedLimitEndsWith124AndIsReported() throws Exception {
        End end = run("run", "--wall-time", "200ms", "--report", "r.json", "--", "sleep", "60");
        assertThat(end.status()).isEqualTo(124);
        assertThat(end.out()).isEmpty();
        assertThat(end.err().lines())
                .singleElement()
                .asString()
                .startsWith("sandbox: WALL_TIME limit of 200ms reached (");
        assertThat(Files.readString(directory.resolve("r.json")))
                .startsWith("{\"outcome\":{\"type\":\"LimitReached\",\"limit\":\"WALL_TIME\"},")
                .contains("\"usage\":{", "\"wallTime 200ms (watched)\"", "\"evidence\":[\"");

        assertThat(run("run", "--quiet", "--wall-time", "200ms", "--", "sleep", "60"))
                .isEqualTo(new End(124, "", ""));
    }

    @Test
    void whatItUsedIsSaidIfThatIsWanted() throws Exception {
        End end = run("run", "--usage", "--", "true");
        assertThat(end.status()).isZero();
        assertThat(end.err().lines())
                .allMatch(line -> line.startsWith("sandbox: "))
                .anySatisfy(line -> assertThat(line).contains("time: wall ", "processor "))
                .anySatisfy(line -> assertThat(line).contains("memory: peak "));
    }

    @Test
    void theReportTellsHowItEnded() throws Exception {
        assertThat(run("run", "--report", "r.json", "--", "sh", "-c", "exit 3").status())
                .isEqualTo(3);
        assertThat(Files.readString(directory.resolve("r.json")))
                .startsWith("{\"outcome\":{\"type\":\"Exited\",\"code\":3},\"usage\":{")
                .contains("\"userTimeMicros\":", "\"systemTimeMicros\":", "\"wallTimeMicros\":")
                .contains("\"enforced\":[\"")
                .endsWith("]}\n");

        assertThat(run("run", "--report", "r.json", "--", "sh", "-c", "kill -9 $$").status())
                .isEqualTo(137);
        assertThat(Files.readString(directory.resolve("r.json")))
                .startsWith("{\"outcome\":{\"type\":\"Signalled\",\"signal\":9},");

        assertThat(run("run", "--report", "r.json", "--", "nope").status()).isEqualTo(127);
        assertThat(Files.readString(directory.resolve("r.json")))
                .startsWith("{\"error\":\"execute")
                .endsWith("\"}\n");
    }

    @Test
    void whatTheCommandPutsInPlaceOfTheReportIsNotFollowed() throws Exception {
        Files.writeString(directory.resolve("precious"), "precious");
        End end =
                run(
                        "run",
                        "--rw",
                        ".:/work",
                        "--report",
                        "r.json",
                        "--",
                        "sh",
                        "-c",
                        "rm /work/r.json && ln -s precious /work/r.json");
        assertThat(end).isEqualTo(new End(0, "", ""));
        assertThat(Files.readString(directory.resolve("precious"))).isEqualTo("precious");
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void aSignalEndsTheWholeTree(String signal, int status) throws Exception {
        String mark = "beat";
        String script =
                "(setsid sh -c 'while :; do echo x >> /work/"
                        + mark
                        + "; sleep 0.05; done' &);"
                        + " while :; do sleep 1; done";
        Process process =
                start(
                        List.of(
                                "run",
                                "--rw",
                                ".:/work",
                                "--report",
                                "r.json",
                                "--",
                                "sh",
                                "-c",
                                script));
        Path beat = directory.resolve(mark);
        for (int i = 0; i < 600 && !Files.exists(beat); i++) {
            Thread.sleep(50);
        }
        assertThat(beat).exists();

        assertThat(new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor())
                .isZero();
        assertThat(end(process)).isEqualTo(new End(status, "", ""));
        assertThat(Files.readString(directory.resolve("r.json")))
                .startsWith("{\"outcome\":{\"type\":\"Cancelled\"},");
        long size = Files.size(beat);
        Thread.sleep(300);
        assertThat(Files.size(beat)).as("the daemon still writes").isEqualTo(size);
    }

    @Test
    void explainPrintsWhatWouldBeDone() throws Exception {
        End end = run("explain", "--hostname", "box", "--", "python3", "\u001b[31m");
        assertThat(end.status()).isZero();
        assertThat(end.err()).isEmpty();
        assertThat(end.out()).contains("execve", "box").doesNotContain("\u001b");
    }

    @Test
    void doctorTellsThatSandboxesWork() throws Exception {
        End end = run("doctor");
        assertThat(end.status()).isZero();
        assertThat(end.err()).isEmpty();
        assertThat(end.out()).contains("user namespaces", "Sandboxes work here.");
    }

    @Test
    void aProfileOfDockerSaysWhichSystemCallsAreOpen() throws Exception {
        Path profile = directory.resolve("profile.json");
        String form =
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[%s],"
                        + "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":30}]}";
        List<String> words =
                List.of("run", "--seccomp", profile.toString(), "--", "mkdir", "/tmp/new");

        Files.writeString(profile, form.formatted("\"mkdir\",\"mkdirat\""));
        End denied = run(words.toArray(String[]::new));
        assertThat(denied.status()).isEqualTo(1);
        assertThat(denied.err()).contains("Read-only file system");

        Files.writeString(profile, form.formatted("\"rmdir\",\"unlinkat\""));
        assertThat(run(words.toArray(String[]::new)).status()).isZero();
    }

    @Test
    void theConfinedTierSeesThePrivateDirectoryAndNotTheHosts() throws Exception {
        String script = "pwd; cat /etc/shadow /etc/passwd; echo x > /tmp/f; echo y > f; cat f";
        End end = run("run", "--confined", "--", "sh", "-c", script);
        if (end.status() == 125 && end.err().contains("needs Landlock")) {
            Assumptions.abort("no Landlock of ABI 6 here");
        }
        assertThat(end.status()).isZero();
        assertThat(end.out().lines()).hasSize(2).last().isEqualTo("y");
        assertThat(end.out()).contains("/cloister-");
        assertThat(end.err()).contains("/etc/passwd").contains("/tmp/f");
        assertThat(Path.of(end.out().lines().findFirst().orElseThrow())).doesNotExist();
    }
}
