package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The `java` in the place of another, as Surefire starts it, with a test that is hostile.
@Tag("kernel")
class SandboxedJavaKernelTest {
    @TempDir Path project;
    @TempDir Path home;
    private FakeJdk jdk;

    @BeforeEach
    void makeProject() throws IOException {
        jdk = FakeJdk.in(Files.createDirectory(project.resolve("jdk")));
        Files.createDirectory(project.resolve("target"));
        Files.writeString(project.resolve("sandbox.properties"), "wall-time=2m");
    }

    private record End(int status, String out, String err, String report) {}

    private List<String> words(String act) {
        return List.of(
                jdk.java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                FakeJdk.testClasses().toString(),
                Victim.class.getName(),
                act);
    }

    private ProcessBuilder builder(List<String> words) {
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(project.toFile())
                        .redirectOutput(project.resolve("out").toFile())
                        .redirectError(project.resolve("err").toFile());
        builder.environment().put("HOME", home.toString());
        builder.environment().put("BUILD_STEP_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SECRET_TOKEN", "hunter2");
        return builder;
    }

    private End run(String act, String... settings) throws IOException, InterruptedException {
        ProcessBuilder builder = builder(words(act));
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            builder.environment().put(Settings.variable(parts[0]), parts[1]);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Path report = project.resolve("target/sandbox-reports/java.json");
        return new End(
                process.exitValue(),
                Files.readString(project.resolve("out")),
                Files.readString(project.resolve("err")),
                Files.exists(report) ? Files.readString(report) : "");
    }

    @Test
    void aTestThatBehavesSucceeds() throws Exception {
        End end = run("behave");
        assertThat(end.err()).isEmpty();
        assertThat(end.status()).isZero();
        assertThat(end.out()).isEqualTo("behaved\n");
        assertThat(end.report()).contains("\"acts\" : [ ]");
        assertThat(project.resolve("target/made")).hasContent("made");
    }

    @Test
    void aHomeThatWouldBeShownIsRefused() throws Exception {
        End end = run("behave", "show=" + home.getParent());
        assertThat(end.status()).isEqualTo(SandboxedJava.NOT_RUN);
        assertThat(end.err())
                .contains("the tests were not run to their end", "in which your home lies");
    }

    @Test
    void itsExitStatusIsPassedOn() throws Exception {
        assertThat(run("exit").status()).isEqualTo(7);
    }

    @Test
    void readingAKeyFailsAndIsNamed() throws Exception {
        Path key = Files.createDirectories(home.resolve(".ssh")).resolve("id_rsa");
        Files.writeString(key, "secret");
        End end = run("read");
        assertThat(end.out()).isEqualTo("NoSuchFileException\n");
        assertThat(end.status()).isEqualTo(SandboxedJava.FOUND);
        assertThat(end.err()).contains("looked for a file of the host: " + key);
        assertThat(end.report()).contains(key.toString());
    }

    @Test
    void readingAKeyFromItsDirectoryIsNamedToo() throws Exception {
        Path key = Files.createDirectories(home.resolve(".ssh")).resolve("id_rsa");
        Files.writeString(key, "secret");
        assertThat(run("chdir").err()).contains("looked for a file of the host: " + key);
    }

    @Test
    void aFileThatIsShownIsReadAndNotNamed() throws Exception {
        Path key = Files.createDirectories(home.resolve(".ssh")).resolve("id_rsa");
        Files.writeString(key, "secret");
        End end = run("read", "show=" + key);
        assertThat(end.out()).isEqualTo("done\n");
        assertThat(end.err()).isEmpty();
        assertThat(end.status()).isZero();
    }

    @Test
    void noProgramThatRunsAsItsOwnerIsMade() throws Exception {
        assertThat(run("setuid").out()).isEqualTo("-1\ndone\n");
        assertThat(project.resolve("target/plain")).exists();
        assertThat(project.resolve("target/setuid")).doesNotExist();
    }

    @Test
    void aBuildDirectoryThatIsALinkIsRefused() throws Exception {
        Files.delete(project.resolve("target"));
        Files.createSymbolicLink(project.resolve("target"), home);
        End end = run("behave");
        assertThat(end.status()).isEqualTo(SandboxedJava.NOT_RUN);
        assertThat(end.err()).contains("without links");
    }

    @Test
    void theReportsAreNotTheTestsToWrite() throws Exception {
        End end = run("forge");
        assertThat(end.out().lines()).hasSize(2).noneMatch("done"::equals);
        assertThat(end.report()).contains("\"acts\"");
    }

    @Test
    void whatIsFoundFailsNothingWhereThatIsSet() throws Exception {
        End end = run("dial", "fail=false");
        assertThat(end.status()).isZero();
        assertThat(end.err()).contains("dialled out: 192.0.2.1:80");
    }

    @Test
    void dialingOutFailsAndIsNamed() throws Exception {
        End end = run("dial");
        assertThat(end.out()).isEqualTo("SocketException\nSocketException\nUnknownHostException\n");
        assertThat(end.status()).isEqualTo(SandboxedJava.FOUND);
        assertThat(end.err())
                .contains(
                        "dialled out: 192.0.2.1:80",
                        "dialled out: 192.0.2.2:9",
                        "looked up a name: secret.example.org");
    }

    @Test
    void aDaemonIsKilledAndNamed() throws Exception {
        End end = run("daemon");
        assertThat(end.status()).isEqualTo(SandboxedJava.FOUND);
        assertThat(end.err()).contains("left a process running: sleep 4711");
        assertThat(ProcessEntry.all()).noneMatch(it -> it.command().equals("sleep 4711"));
    }

    @Test
    void aForkBombMeetsItsLimit() throws Exception {
        End end = run("forks", "pids=60");
        assertThat(end.status()).isEqualTo(137);
        assertThat(end.err()).contains("was ended: PIDS limit reached");
    }

    @Test
    void aMemoryBombMeetsItsLimit() throws Exception {
        End end = run("memory", "memory=256m");
        assertThat(end.status()).isEqualTo(137);
        assertThat(end.err()).contains("was ended: MEMORY limit reached");
    }

    @Test
    void writingOutsideOfTargetFails() throws Exception {
        assertThat(run("write").out()).isEqualTo("FileSystemException\n");
        assertThat(project.resolve("made")).doesNotExist();
    }

    @Test
    void nothingOutlivesWhoCalled() throws Exception {
        // The shell stays, as the one between Maven and its java does.
        Process caller =
                builder(List.of("sh", "-c", String.join(" ", words("sleep")) + "; true")).start();
        awaitProcess("sleep 4713", true);
        caller.destroyForcibly();
        awaitProcess("sleep 4713", false);
    }

    private static void awaitProcess(String command, boolean isThere) throws Exception {
        for (int i = 0; i < 300; i++) {
            if (ProcessEntry.all().stream().anyMatch(it -> it.command().equals(command))
                    == isThere) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(command + (isThere ? " did not start" : " lives on"));
    }

    @Test
    void variablesAreAnAllowList() throws Exception {
        assertThat(run("variable").out()).isEqualTo("null\n");
        assertThat(run("variable", "environment=SECRET_TOKEN").out()).isEqualTo("hunter2\n");
    }
}
