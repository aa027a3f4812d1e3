package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.nio.file.Path;
import java.time.Duration;

/// Each option is the call of the builder that it is named after.
class PolicyOptionsTest {
    private static SandboxSpec spec(String... words) {
        RunCommand run = new RunCommand();
        new CommandLine(run).setStopAtPositional(true).parseArgs(words);
        return run.policy.spec();
    }

    @Test
    void withoutOptionsThePolicyIsTheStrictest() {
        assertThat(spec("true")).isEqualTo(SandboxSpec.strict());
    }

    @Test
    void limits() {
        assertThat(
                        spec(
                                "--memory",
                                "64m",
                                "--pids",
                                "7",
                                "--cpus",
                                "0.5",
                                "--cpu-time",
                                "1s",
                                "--wall-time",
                                "500ms",
                                "--output",
                                "1m",
                                "--rlimit",
                                "nofile=8:9",
                                "--rlimit",
                                "CPU=unlimited",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .memoryLimit(Bytes.mebibytes(64))
                                .pidsLimit(7)
                                .cpus(0.5)
                                .cpuTimeLimit(Duration.ofSeconds(1))
                                .wallTimeLimit(Duration.ofMillis(500))
                                .outputLimit(Bytes.mebibytes(1))
                                .rlimit(Rlimit.NOFILE, 8, 9)
                                .rlimit(Rlimit.CPU, -1)
                                .spec());
        assertThat(spec("--wall-time", "unlimited", "--output", "unlimited", "x"))
                .isEqualTo(Sandbox.builder().unlimitedWallTime().unlimitedOutput().spec());
    }

    @Test
    void files() {
        assertThat(
                        spec(
                                "--root",
                                "/r",
                                "--ro",
                                "/a",
                                "--ro",
                                "/b:/c",
                                "--rw",
                                "/d:/e",
                                "--tmpfs",
                                "/f:1m",
                                "--workdir",
                                "/e",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .root(Path.of("/r"))
                                .readOnly(Path.of("/a"))
                                .readOnly(Path.of("/b"), "/c")
                                .writable(Path.of("/d"), "/e")
                                .tmpfs("/f", Bytes.mebibytes(1))
                                .workDirectory("/e")
                                .spec());
    }

    @Test
    void surroundings() {
        assertThat(
                        spec(
                                "--env",
                                "A=b=c",
                                "--env",
                                "E=",
                                "--net",
                                "host",
                                "--hostname",
                                "h",
                                "--uid",
                                "0",
                                "--gid",
                                "5",
                                "x"))
                .isEqualTo(
                        Sandbox.builder()
                                .environment("A", "b=c")
                                .environment("E", "")
                                .hostNet()
                                .hostName("h")
                                .user(0, 5)
                                .spec());
    }

    @Test
    void optionsAreAppliedOnTopOfAPolicy(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        SandboxSpec policy =
                Sandbox.builder().user(3, 4).hostNet().wallTimeLimit(Duration.ofSeconds(9)).spec();
        policy.write(file);

        assertThat(spec("--policy", file.toString(), "x")).isEqualTo(policy);
        assertThat(spec("--policy", file.toString(), "--net", "none", "--gid", "5", "x"))
                .isEqualTo(policy.toBuilder().newNet().user(3, 5).spec());
        assertThat(spec("--uid", "5", "--policy", file.toString(), "x"))
                .isEqualTo(policy.toBuilder().user(5, 4).spec());
    }

    @Test
    void theWordsOfTheCommandAreItsOwn() {
        RunCommand run = new RunCommand();
        new CommandLine(run)
                .setStopAtPositional(true)
                .setExpandAtFiles(false)
                .parseArgs("--net", "host", "--", "sh", "-c", "--net", "--", "@x", "\"q\"");

        assertThat(run.command().program()).isEqualTo("sh");
        assertThat(run.command().arguments()).containsExactly("-c", "--net", "--", "@x", "\"q\"");
    }
}
