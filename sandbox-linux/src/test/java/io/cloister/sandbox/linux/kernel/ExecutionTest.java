package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertLaunchFails;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What the program gets: arguments, environment, descriptors, limits; and how a bad one fails.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExecutionTest {

    @Test
    void aProgramThatIsNotThereFailsWithEnoent() {
        assertLaunchFails(SetupStep.EXECUTE, Errno.ENOENT, () -> run(strict(), "/no/program"));
        assertLaunchFails(SetupStep.EXECUTE, Errno.ENOENT, () -> run(strict(), "no-program"));
        assertThat(run(strict(), "true")).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/usr", "/tmp"})
    void whatIsNotExecutableFailsWithEacces(String path) {
        assertLaunchFails(SetupStep.EXECUTE, Errno.EACCES, () -> run(strict(), path));
    }

    @Test
    void aFileOfNoFormatFailsWithEnoexec() {
        var builder = strict().mount(new FileContent("/program", new byte[] {1, 2, 3, 4, 5}, 0755));
        assertLaunchFails(SetupStep.EXECUTE, Errno.ENOEXEC, () -> run(builder, "/program"));
    }

    @Test
    void aScriptOfAMissingInterpreterFailsWithEnoent() {
        byte[] script = "#!/no/interpreter\n".getBytes(StandardCharsets.US_ASCII);
        var builder = strict().mount(new FileContent("/script", script, 0755));
        assertLaunchFails(SetupStep.EXECUTE, Errno.ENOENT, () -> run(builder, "/script"));
    }

    @Test
    void argumentsArriveAsTheyAre() {
        String[] words = {"", " ", "*", "$HOME", "a\nb", "\"'\\", "äöü€😀", "--", "-n"};
        List<String> command = new ArrayList<>(List.of("/usr/bin/printf", "[%s]"));
        command.addAll(List.of(words));
        var result = run(strict(), Command.of(command));
        assertThat(result).exited(0).printed("[" + String.join("][", words) + "]");
    }

    @Test
    void theProgramsOwnNameCanBeSet() {
        assertThat(run(strict(), victim("argv0"))).printed("/victim");
        assertThat(run(strict(), victim("argv0").argv0("other name"))).printed("other name");
        assertThat(run(strict(), victim("argv0").argv0(""))).printed("");
    }

    @Test
    void aNulIsRefused() {
        assertThatThrownBy(() -> Command.of("/bin/echo", "a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("argument #1");
        assertThatThrownBy(() -> Command.of("/bin/echo").environment("X", "a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void argumentsThatAreTooLongFailWithE2big() {
        String tooLong = "x".repeat(200_000);
        assertLaunchFails(
                SetupStep.EXECUTE, Errno.E2BIG, () -> run(strict(), "/bin/echo", tooLong));
        String[] tooMany = new String[100];
        java.util.Arrays.fill(tooMany, "x".repeat(100_000));
        assertLaunchFails(
                SetupStep.EXECUTE, Errno.E2BIG, () -> run(strict(), "/bin/echo", tooMany));
    }

    @Test
    void longArgumentsAndEnvironmentArrive() {
        String[] many = new String[5];
        java.util.Arrays.fill(many, "x".repeat(100_000));
        assertThat(run(strict(), "/bin/echo", many).stdout()).hasSize(500_005);
        var builder = strict();
        for (int i = 0; i < 5; i++) {
            builder.environment("LONG" + i, "y".repeat(100_000));
        }
        assertThat(run(builder, victim("env")).stdout()).hasSizeGreaterThan(500_000);
    }

    @Test
    void theEnvironmentIsExactlyThatOfThePolicy() {
        assertThat(System.getenv()).containsKey("PATH");
        assertThat(run(strict(), victim("env")))
                .exited(0)
                .printed(
                        """
                        PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
                        HOME=/tmp
                        LANG=C.UTF-8
                        """);
        assertThat(run(strict().onlyEnvironment(Map.of()), victim("env"))).printed("");
        var builder = strict().onlyEnvironment(Map.of("A", "1"));
        assertThat(run(builder, victim("env").environment("A", "2"))).printed("A=2\n");
    }

    @Test
    void onlyTheStandardDescriptorsAreOpen() throws IOException {
        try (RandomAccessFile held = new RandomAccessFile("/dev/null", "r")) {
            assertThat(held.length()).isZero();
            assertThat(run(strict(), victim("fds"))).exited(0).printed("0 1 2 \n");
            assertThat(run(strict().hostPid().hostNet(), victim("fds"))).printed("0 1 2 \n");
        }
    }

    @Test
    void furtherDescriptorsHaveTheirNumbers(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("out");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            assertThat(out.length()).isZero();
            int fd = Descriptors.of(file);
            int[] numbers = {3, 4, 5, 6, 7, 8, 9, 10, 100, 1023};
            Command command = victim("fds");
            Command writing = victim("writefd", "3", "4", "8", "100");
            for (int number : numbers) {
                command = command.descriptor(number, fd);
                writing = writing.descriptor(number, fd);
            }
            assertThat(run(strict(), command)).printed("0 1 2 3 4 5 6 7 8 9 10 100 1023 \n");
            assertThat(run(strict().readOnly(directory, "/x"), command))
                    .printed("0 1 2 3 4 5 6 7 8 9 10 100 1023 \n");
            assertThat(run(strict(), writing)).exited(0);
            assertThat(file).hasContent("348100");
        }
    }

    @Test
    void eachDescriptorIsTheOneThatWasNamed(@TempDir Path directory) throws IOException {
        int[] numbers = {8, 7, 6, 5, 4, 3};
        List<RandomAccessFile> files = new ArrayList<>();
        try {
            Command command = victim("writefd", "3", "4", "5", "6", "7", "8");
            for (int number : numbers) {
                Path file = directory.resolve("f" + number);
                files.add(new RandomAccessFile(file.toFile(), "rw"));
                command = command.descriptor(number, Descriptors.of(file));
            }
            assertThat(run(strict(), command)).exited(0);
            for (int number : numbers) {
                assertThat(directory.resolve("f" + number)).hasContent(String.valueOf(number));
            }
        } finally {
            for (RandomAccessFile file : files) {
                file.close();
            }
        }
    }

    @RepeatedTest(12)
    void aDescriptorThatIsNotOpenFailsTheLaunchAndNoLaterOne() {
        assertThatThrownBy(() -> run(strict(), Command.of("/bin/true").descriptor(5, 100_000)))
                .isInstanceOf(SandboxLaunchException.class)
                .hasMessageContaining("EBADF (errno 9)");
        assertThat(run(strict(), "/bin/true")).exited(0);
    }

    @Test
    void limitsOfAProcessHold() {
        var builder =
                strict().rlimit(Rlimit.NOFILE, 17, 33)
                        .rlimit(Rlimit.AS, 1_000_000_000)
                        .rlimit(Rlimit.NPROC, 20)
                        .rlimit(Rlimit.STACK, 1_048_576);
        String limits = printed(builder, "cat /proc/self/limits");
        assertThat(limits)
                .containsPattern("Max open files +17 +33 ")
                .containsPattern("Max address space +1000000000 +1000000000 ")
                .containsPattern("Max processes +20 +20 ")
                .containsPattern("Max stack size +1048576 +1048576 ")
                .containsPattern("Max core file size +0 +0 ");
        assertThat(run(builder, victim("forks", "30"))).failedWith(Errno.EAGAIN);
        assertThat(run(builder, victim("forks", "5"))).exited(0);
    }

    @Test
    void limitsHaveTheirDefaults() {
        String limits = printed(strict().unlimitedPids(), "cat /proc/self/limits");
        assertThat(limits)
                .containsPattern("Max processes +1024 +1024 ")
                .containsPattern("Max open files +1024 +4096 ")
                .containsPattern("Max locked memory +65536 +65536 ")
                .containsPattern("Max msgqueue size +819200 +819200 ")
                .containsPattern("Max realtime priority +0 +0 ")
                .containsPattern("Max nice priority +0 +0 ");
    }
}
