package io.cloister.samples.judge.problem;

import io.cloister.samples.judge.check.AnswerChecker;
import io.cloister.samples.judge.yaml.Fields;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Reads one problem package.
final class ProblemReader {
    /// The file that makes a directory a problem package.
    static final String PROBLEM = "problem.yaml";

    private static final Set<String> FIELDS =
            Set.of(
                    "problem_format_version",
                    "type",
                    "version",
                    "credits",
                    "embargo_until",
                    "languages",
                    "constants",
                    "allow_file_writing",
                    "name",
                    "uuid",
                    "author",
                    "source",
                    "source_url",
                    "license",
                    "rights_owner",
                    "keywords",
                    "limits",
                    "validation",
                    "validator_flags");
    private static final String VALIDATORS = "output_validators";
    private static final List<String> STATEMENTS =
            List.of("problem_statement/problem.en.md", "problem_statement/problem.md");
    private static final String PASS_FAIL = "pass-fail";
    private static final String INPUT = ".in";
    private static final String ANSWER = ".ans";

    /// Input and answer of a test have to fit into `/tmp` of the validator, with room for its own.
    private static final long MOST_FOR_VALIDATOR = 24L << 20;

    /// Of groups of tests.
    private static final int DEEPEST = 8;

    private final Path directory;
    private final String id;

    ProblemReader(Path directory) {
        this.directory = directory;
        id = directory.getFileName().toString();
    }

    Problem read() {
        Path file = directory.resolve(PROBLEM);
        Fields fields = Fields.parse(id + "/" + PROBLEM, text(file));
        fields.requireKnown(FIELDS);
        String type = fields.optionalText("type").orElse(PASS_FAIL);
        if (!type.equals(PASS_FAIL)) {
            throw fields.wrong("type", "must be %s, was %s".formatted(PASS_FAIL, type));
        }
        Validation validation = validation(fields);
        return new Problem(
                id,
                name(fields),
                directory,
                ProblemLimits.read(fields.fields("limits")),
                validation,
                tests(validation),
                STATEMENTS.stream().map(directory::resolve).filter(Files::exists).findFirst());
    }

    /// A text, or one for each language, of which the English one is taken.
    private static String name(Fields fields) {
        return fields.values().get("name") instanceof Map<?, ?>
                ? fields.fields("name").text("en")
                : fields.text("name");
    }

    private Validation validation(Fields fields) {
        String kind = fields.optionalText("validation").orElse("default");
        List<String> flags = fields.words("validator_flags");
        return switch (kind) {
            case "default" -> {
                try {
                    yield new Validation.Compare(AnswerChecker.ofFlags(flags));
                } catch (IllegalArgumentException e) {
                    throw fields.wrong("validator_flags", e.getMessage());
                }
            }
            case "custom" -> new Validation.Program(validator(), flags);
            case "custom interactive" -> new Validation.Interactor(validator(), flags);
            default ->
                    throw fields.wrong(
                            "validation",
                            "must be default, custom or custom interactive, was " + kind);
        };
    }

    /// The one source below `output_validators`, in it or in a directory of its own.
    private Path validator() {
        Path validators = directory.resolve(VALIDATORS);
        List<Path> sources = Files.isDirectory(validators) ? files(validators, "", 2) : List.of();
        if (sources.size() != 1) {
            throw new ProblemPackageException(
                    "%s/%s must have the validator, one source file; has %s"
                            .formatted(id, VALIDATORS, sources));
        }
        return sources.getFirst();
    }

    private List<TestCase> tests(Validation validation) {
        List<TestCase> tests = new ArrayList<>();
        for (String group : List.of("sample", "secret")) {
            Path data = directory.resolve("data").resolve(group);
            if (Files.isDirectory(data)) {
                for (Path input : files(data, INPUT, DEEPEST)) {
                    TestCase test = test(input);
                    if (validation instanceof Validation.Program) {
                        requireFitsValidator(test);
                    }
                    tests.add(test);
                }
            }
        }
        if (tests.isEmpty()) {
            throw new ProblemPackageException(
                    "%s/data has no tests: sample/*%s and secret/*%s, each with its *%s"
                            .formatted(id, INPUT, INPUT, ANSWER));
        }
        return tests;
    }

    /// Named by its path, which also tells its groups.
    private TestCase test(Path input) {
        String file = directory.resolve("data").relativize(input).toString();
        String name = file.substring(0, file.length() - INPUT.length());
        Path answer = directory.resolve("data").resolve(name + ANSWER);
        if (!Files.isRegularFile(answer)) {
            throw new ProblemPackageException(
                    "%s/data/%s has no answer beside it: %s%s is missing"
                            .formatted(id, file, name, ANSWER));
        }
        return new TestCase(name, input, answer);
    }

    private void requireFitsValidator(TestCase test) {
        try {
            long bytes = Files.size(test.input()) + Files.size(test.answer());
            if (bytes > MOST_FOR_VALIDATOR) {
                throw new ProblemPackageException(
                        "%s/data/%s has %d bytes of input and answer; for a validator there may be %d"
                                .formatted(id, test.name(), bytes, MOST_FOR_VALIDATOR));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + test.input(), e);
        }
    }

    private static List<Path> files(Path directory, String end, int depth) {
        try (Stream<Path> files = Files.walk(directory, depth)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(end))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
