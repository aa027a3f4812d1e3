package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What is refused before anything runs, and how that looks.
class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        CommandLine line = Main.commandLine(arguments);
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private int execute(List<String> arguments) {
        return execute(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | Missing command: run, shell, bwrap, explain, learn, diff or doctor",
                "rnu | Unmatched argument at index 0: 'rnu'",
                "--bogus | Unknown option: '--bogus'",
                "run | Missing required parameter: 'COMMAND'",
                "run -- | Missing required parameter: 'COMMAND'",
                "run --bogus | Unknown option: '--bogus'",
                "run --bogus -- true | Unknown option: '--bogus'",
                "run --memory | Missing required parameter for option '--memory' (SIZE)",
                "run --uid 1 --uid 2 -- true"
                        + " | option '--uid' (N) should be specified only once",
                "explain | Missing required parameter: 'COMMAND'",
                "diff a | Missing required parameter: 'AFTER'",
                "learn --runs x -- true" + " | Invalid value for option '--runs': 'x' is not an int"
            })
    void aCommandLineThatIsNotUnderstoodEndsWith2AndOneErrorAndAHint(String words, String error) {
        List<String> arguments = words.isEmpty() ? List.of() : List.of(words.split(" "));

        assertThat(execute(arguments)).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines())
                .hasSize(2)
                .startsWith("sandbox: " + error)
                .last()
                .asString()
                .matches("Try `sandbox( run| explain| diff| learn)? --help`\\.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--memory lots | --memory: expected a size such as \"256m\", was \"lots\"",
                "--memory 0 | --memory: memory must be > 0",
                "--pids x | --pids: expected a whole number, was \"x\"",
                "--pids 99999999999999999999 | --pids: expected a number in range",
                "--cpus NaN | --cpus: expected a number such as 0.5, was \"NaN\"",
                "--memory-high unlimited | --memory-high: expected a size",
                "--swap x | --swap: expected a size",
                "--cpuset 0, | --cpuset: cpuset must be a list such as \"0-1,3\", was \"0,\"",
                "--cpu-time 5 | --cpu-time: expected a duration",
                "--idle-time unlimited | --idle-time: expected a duration",
                "--extra-time -1s | --extra-time: extraTime must be >= 0, was -1s",
                "--best-effort wallTime | --best-effort: expected one of memory, memoryHigh, swap,",
                "--wall-time 5 | --wall-time: expected a duration",
                "--wall-time 0s | --wall-time: wallTime must be > 0",
                "--output -1 | --output: expected a size",
                "--syscalls jugde | --syscalls: expected one of standard, judge, plugin, build,",
                "--deny-syscall raed | --deny-syscall: expected the name of a system call",
                "--deny-syscall @debgu | --deny-syscall: expected one of @basic-io,",
                "--deny-syscall read:maybe | --deny-syscall: expected an error such as EPERM, or",
                "--rlimit nofile | --rlimit: expected NAME=VALUE such as nofile=256",
                "--rlimit files=1 | --rlimit: expected one of cpu, fsize, data,",
                "--rlimit nofile=2:1 | --rlimit: soft must be <= hard",
                "--ro / | --ro: destination must not be the root",
                "--rw a:/../b | --rw: destination must not hold \"..\"",
                "--tmpfs x | --tmpfs: destination must be absolute",
                "--workdir x | --workdir: workDirectory must be absolute",
                "--env X | --env: expected NAME=VALUE such as LANG=C, was \"X\"",
                "--env =1 | --env: the name of an environment variable must not be empty",
                "--net lan | --net: expected none or host, was \"lan\"",
                "--hostname a_b! | --hostname: hostName must be 1 to 64 letters",
                "--uid -1 | --uid: expected a whole number, was \"-1\"",
                "--gid 4294967296 | --gid: expected a number in range",
                "--seccomp /nonexistent | cannot read the profile /nonexistent: no such file",
                "--policy /nonexistent | cannot read the policy /nonexistent: no such file",
                "--report /nonexistent/x | --report: cannot write /nonexistent/x: no such file"
            })
    void aRefusedValueEndsWith125AndOneLine(String options, String error) {
        assertThat(execute(List.of(("run " + options + " -- true").split(" ")))).isEqualTo(125);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("sandbox: " + error);
    }

    @Test
    void quietSaysNothingOfARefusedValueButStillOfTheCommandLine() {
        assertThat(execute("run", "--quiet", "--memory", "lots", "--", "true")).isEqualTo(125);
        assertThat(err.toString()).isEmpty();

        assertThat(execute("run", "--quiet", "--bogus")).isEqualTo(2);
        assertThat(err.toString()).isNotEmpty();
    }

    @Test
    void verboseShowsWhereAnErrorCameFrom() {
        assertThat(execute("run", "-v", "--memory", "lots", "--", "true")).isEqualTo(125);
        assertThat(err.toString()).contains("IllegalArgumentException", "    at io.cloister");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--b\u001b[31mad", "--b\nad"})
    void controlCharactersOfTheCommandLineAreWrittenOut(String option) {
        assertThat(execute("run", option, "--", "true")).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString()).doesNotContain("\u001b");
    }

    @Test
    void whyNothingRanIsReported(@TempDir Path directory) throws IOException {
        Path report = directory.resolve("report.json");

        assertThat(execute("run", "--report", report.toString(), "--net", "lan", "--", "true"))
                .isEqualTo(125);
        assertThat(Files.readString(report))
                .isEqualTo("{\"error\":\"--net: expected none or host, was \\\"lan\\\"\"}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "bwrap", "explain", "doctor"})
    void helpIsPrintedOnRequest(String command) {
        assertThat(execute(command, "--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: sandbox " + command);
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "shell", "explain", "learn", "diff", "doctor"})
    void aSubcommandIsTheSameWithoutTheOthers(String word) {
        CommandLine all = Main.commandLine();
        CommandLine alone = Main.commandLine(word, "--help");

        assertThat(all.getSubcommands()).hasSize(7);
        assertThat(alone.getSubcommands()).containsOnlyKeys(word);
        assertThat(alone.getSubcommands().get(word).getUsageMessage())
                .isEqualTo(all.getSubcommands().get(word).getUsageMessage());
    }

    @Test
    void helpShowsExamplesAndTheVersionIsPrinted() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString()).contains("Examples:", "sandbox run -- echo hello");
        assertThat(execute("--version")).isZero();
        assertThat(out.toString()).contains("\nsandbox ");
    }

    @Test
    void diffTellsWhatDiffersByItsExitStatusToo(@TempDir Path directory) throws IOException {
        Path one = Files.writeString(directory.resolve("a.json"), "{\"extends\":\"judge\"}");
        Path other =
                Files.writeString(
                        directory.resolve("b.json"),
                        "{\"extends\":\"a.json\",\"limits\":{\"pids\":7}}");
        assertThat(execute("diff", one.toString(), one.toString())).isZero();
        assertThat(out.toString()).isEmpty();
        assertThat(execute("diff", one.toString(), other.toString())).isEqualTo(1);
        assertThat(out.toString().lines()).startsWith("limits.pids: 256 -> 7");
        assertThat(execute("diff", one.toString(), directory + "/none")).isEqualTo(125);
        assertThat(err.toString()).contains("cannot read the policy " + directory + "/none");
        assertThat(execute("diff", one.toString())).isEqualTo(2);
    }
}
