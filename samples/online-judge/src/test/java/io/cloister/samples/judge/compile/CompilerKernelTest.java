package io.cloister.samples.judge.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.language.Language;
import io.cloister.samples.judge.language.Languages;
import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/// Sources are scripts of the shell here: whatever they do, their compiler does.
@Tag("kernel")
@Timeout(120)
class CompilerKernelTest {
    private static final Language SHELL =
            Languages.read(
                            "test",
                            """
                            - id: shell
                              name: a compiler that does what the source says
                              extensions: [sh]
                              source: main.sh
                              version: [/bin/echo, "1"]
                              compile: [/bin/sh, main.sh]
                              run: [/bin/sh, main.sh]
                              syscalls: judge
                            """)
                    .getFirst();
    private static final Bytes ROOM = Bytes.mebibytes(4);

    @TempDir private Path directory;
    private final Boxes boxes = new Boxes(List.of(SHELL), 1);

    @AfterEach
    void close() throws IOException {
        boxes.close();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .as("what is not finished")
                    .noneMatch(name -> name.startsWith("."));
        }
    }

    private Compiler compiler() {
        return new Compiler(boxes, directory, ROOM, new Semaphore(1));
    }

    private String hash(String source) throws Exception {
        try (Artifact artifact = compiler().compile(SHELL, source)) {
            return artifact.directory().getFileName().toString();
        }
    }

    @Test
    void whatTheCompilerMakesIsKept() throws Exception {
        Compiler compiler = compiler();
        try (Artifact made = compiler.compile(SHELL, "echo made > out")) {
            assertThat(made.cached()).isFalse();
            assertThat(made.directory().resolve("out")).hasContent("made");
            try (Artifact again = compiler.compile(SHELL, "echo made > out")) {
                assertThat(again.cached()).isTrue();
                assertThat(again.directory()).isEqualTo(made.directory());
            }
        }
        try (Artifact later = compiler().compile(SHELL, "echo made > out")) {
            assertThat(later.cached()).as("by another judge").isTrue();
        }
        assertThat(hash("echo made > other")).isNotEqualTo(hash("echo made > out"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ln -s /etc/passwd out",
                "ln -s / out",
                "mkfifo out",
                "mkdir a; ln -s ../.. a/b",
            })
    void whatIsNoFileIsRefused(String source) {
        assertThatThrownBy(() -> compiler().compile(SHELL, source))
                .isInstanceOf(CompileErrorException.class)
                .hasMessageStartingWith("what the compiler made cannot be taken");
    }

    @Test
    void aHardLinkBecomesAFileOfItsOwn() throws Exception {
        try (Artifact artifact = compiler().compile(SHELL, "echo x > a; ln a b")) {
            assertThat(artifact.directory().resolve("b")).hasContent("x");
            assertThat(Files.getAttribute(artifact.directory().resolve("b"), "unix:nlink"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Less than the room, more than an artifact.
                "head -c 40000000 /dev/zero > big | TOO_LARGE",
                "i=0; while [ $i -lt 1500 ]; do : > f$i; i=$((i+1)); done | TOO_MANY",
            })
    void whatIsTooMuchIsRefused(String source, String reason) {
        assertThatThrownBy(() -> compiler().compile(SHELL, source))
                .isInstanceOf(CompileErrorException.class)
                .hasMessageStartingWith("what the compiler made cannot be taken")
                .hasMessageContaining(reason);
    }

    @Test
    void aLimitIsNamed() {
        assertThatThrownBy(() -> compiler().compile(SHELL, "cat /dev/zero > full; sleep 1; exit 1"))
                .isInstanceOf(CompileErrorException.class)
                .hasMessage("the compiler reached its limit of the size of files");
        assertThatThrownBy(() -> compiler().compile(SHELL, "yes"))
                .isInstanceOf(CompileErrorException.class)
                .hasMessage("the compiler reached its limit of messages");
    }

    @Test
    void messagesAreBoundedAndFitToBeShown() {
        String source = "printf '\\033[31mred\\n'; head -c 20000 /dev/zero | tr '\\0' x; exit 1";
        assertThatThrownBy(() -> compiler().compile(SHELL, source))
                .isInstanceOfSatisfying(
                        CompileErrorException.class,
                        error -> {
                            assertThat(error).hasMessage("the compiler ended with exit code 1");
                            assertThat(error.compilerOutput())
                                    .startsWith("\\u001b[31mred\nxxx")
                                    .hasSizeLessThan(9000);
                        });
    }

    @Test
    void whatCannotBeCompiledIsNotTriedAgain() {
        Compiler compiler = compiler();
        String source = "cat /proc/sys/kernel/random/uuid; exit 1";
        assertThat(refusal(compiler, source)).isEqualTo(refusal(compiler, source));
        assertThat(refusal(compiler(), source)).isNotEqualTo(refusal(compiler, source));
    }

    private static String refusal(Compiler compiler, String source) {
        return catchThrowableOfType(
                        CompileErrorException.class, () -> compiler.compile(SHELL, source))
                .compilerOutput();
    }

    @Test
    void aDirectoryThatOthersWriteToIsRefused() throws IOException {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
        assertThatThrownBy(() -> new Compiler(boxes, open, ROOM, new Semaphore(1)))
                .isInstanceOf(UncheckedIOException.class)
                .hasStackTraceContaining("others may write to " + open.toRealPath());
    }

    @Test
    void whatNobodyUsesGoesWhenThereIsTooMuch() throws Exception {
        Compiler compiler = compiler();
        try (Artifact used = compiler.compile(SHELL, "head -c 2000000 /dev/zero > a")) {
            compiler.compile(SHELL, "head -c 2000000 /dev/zero > b").close();
            compiler.compile(SHELL, "head -c 2000000 /dev/zero > c").close();
            assertThat(used.directory()).exists();
            try (Artifact again = compiler.compile(SHELL, "head -c 2000000 /dev/zero > b")) {
                assertThat(again.cached()).isFalse();
            }
        }
    }
}
