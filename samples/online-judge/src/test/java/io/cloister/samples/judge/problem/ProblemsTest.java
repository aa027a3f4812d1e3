package io.cloister.samples.judge.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        Map<String, Problem> problems = Problems.read(directory);
        assertThat(problems).containsOnlyKeys("two");
        Problem two = problems.get("two");
        assertThat(two.limits())
                .isEqualTo(
                        new ProblemLimits(
                                Duration.ofMillis(500),
                                Bytes.mebibytes(64),
                                Bytes.mebibytes(8),
                                Duration.ofSeconds(20)));
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
        assertThat(Problems.read(directory).get("two").validation())
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
        assertThatThrownBy(() -> Problems.read(directory))
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageStartingWith(message);
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
