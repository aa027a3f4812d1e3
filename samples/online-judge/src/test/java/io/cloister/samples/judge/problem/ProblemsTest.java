package io.cloister.samples.judge.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.cloister.samples.judge.yaml.InvalidFieldException;
import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class ProblemsTest {
    @TempDir private Path directory;

    @BeforeEach
    void aProblem() throws IOException {
        write("problem.yaml", "name: Two\nlimits: {time_limit: 0.5, memory: 64}\n");
        write("data/secret/2.in", "2");
        write("data/secret/2.ans", "2");
        write("data/secret/10.in", "10");
        write("data/secret/10.ans", "10");
        write("data/sample/1.in", "1");
        write("data/sample/1.ans", "1");
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve("two").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aPackageIsRead() {
        Map<String, Problem> problems = Problems.read(directory).available();
        assertThat(problems).containsOnlyKeys("two");
        Problem two = problems.get("two");
        assertThat(two.limits())
                .isEqualTo(
                        new ProblemLimits(
                                Duration.ofMillis(500),
                                Bytes.mebibytes(64),
                                Bytes.mebibytes(8),
                                Duration.ofSeconds(20),
                                Bytes.mebibytes(256)));
        assertThat(two.tests().stream().map(TestCase::name))
                .containsExactly("sample/1", "secret/10", "secret/2");
        assertThat(two.validation()).isInstanceOf(Validation.Compare.class);
    }

    @Test
    void aCustomValidatorIsItsOneSource() throws IOException {
        write("problem.yaml", "name: Two\nvalidation: custom\nvalidator_flags: a b\n");
        assertThatThrownBy(() -> Problems.read(directory))
                .isInstanceOf(ProblemPackageException.class)
                .hasMessageContaining("two/output_validators");
        write("output_validators/check/check.py", "");
        assertThat(Problems.read(directory).available().get("two").validation())
                .isEqualTo(
                        new Validation.Program(
                                directory.resolve("two/output_validators/check/check.py"),
                                List.of("a", "b")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "name: [1]; two/problem.yaml: name must be a text",
                "limits: {}; two/problem.yaml: name is missing",
                "{name: a, limits: {time_limit: 0}}; two/problem.yaml: limits.time_limit must be"
                        + " 0.1",
                "{name: a, limits: {memory: much}}; two/problem.yaml: limits.memory must be a"
                        + " number",
                "{name: a, limits: {memroy: 1}}; two/problem.yaml: limits.memroy is unknown",
                "{name: a, limits: {memory: 4096}}; two/problem.yaml: limits.memory must be 16",
                "{name: a, limits: {output: 128}}; two/problem.yaml: limits.output must be 1",
                "{name: a, type: scoring}; two/problem.yaml: type must be pass-fail",
                "{name: a, validator_flags: exact}; two/problem.yaml: validator_flags has the"
                        + " unknown",
                "{name: a, validation: manual}; two/problem.yaml: validation must be default",
                "{name: a, nmae: b}; two/problem.yaml: nmae is unknown",
                "just a text; two/problem.yaml must be a mapping",
                "{name: ; two/problem.yaml is no YAML",
                "name: !!java.io.File [a]; two/problem.yaml is no YAML",
            })
    void whatIsWrongIsNamedByFileAndField(String yaml, String message) throws IOException {
        write("problem.yaml", yaml);
        assertThatThrownBy(() -> new ProblemReader(directory.resolve("two")).read())
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void testsOfGroupsAreTestsToo() throws IOException {
        write("data/secret/group1/deep/1.in", "1");
        write("data/secret/group1/deep/1.ans", "1");
        assertThat(Problems.read(directory).available().get("two").tests().stream())
                .extracting(TestCase::name, TestCase::isSample)
                .containsExactly(
                        tuple("sample/1", true),
                        tuple("secret/10", false),
                        tuple("secret/2", false),
                        tuple("secret/group1/deep/1", false));
    }

    @Test
    void fieldsOfTheFormatThatMeanNothingHereAreTaken() throws IOException {
        write(
                "problem.yaml",
                """
                problem_format_version: legacy
                name: Two
                type: pass-fail
                limits: {time_multiplier: 5, time_safety_margin: 2, code: 128,
                  compilation_time: 60, validation_memory: 512, validation_output: 8}
                """);
        assertThat(Problems.read(directory).available().get("two").limits().validationMemory())
                .isEqualTo(Bytes.mebibytes(512));
    }

    @Test
    void aBrokenPackageIsLeftOutWithAReason() throws IOException {
        Path other = Files.createDirectories(directory.resolve("broken"));
        Files.writeString(other.resolve("problem.yaml"), "nmae: Broken");
        Problems problems = Problems.read(directory);
        assertThat(problems.available()).containsOnlyKeys("two");
        assertThat(problems.refused()).containsOnlyKeys("broken");
        assertThat(problems.refused().get("broken")).contains("nmae is unknown");
    }

    @Test
    void whatAValidatorHasNoRoomForIsRefused() throws IOException {
        write("problem.yaml", "name: Two\nvalidation: custom\n");
        write("output_validators/check.py", "");
        write("data/secret/10.ans", "1".repeat(25 << 20));
        assertThatThrownBy(() -> Problems.read(directory))
                .isInstanceOf(ProblemPackageException.class)
                .hasMessageContaining("two/data/secret/10");
    }

    @Test
    void aTestWithoutAnAnswerIsRefused() throws IOException {
        Files.delete(directory.resolve("two/data/secret/2.ans"));
        assertThatThrownBy(() -> Problems.read(directory))
                .isInstanceOf(ProblemPackageException.class)
                .hasMessageContaining("two/data/secret/2.in")
                .hasMessageContaining("2.ans is missing");
    }
}
