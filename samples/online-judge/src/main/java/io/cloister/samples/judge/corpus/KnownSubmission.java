package io.cloister.samples.judge.corpus;

import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.language.Languages;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.ProblemPackageException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A submission whose verdict is known.
///
/// @param name its problem, directory and file: `sum/attacks/fork-bomb.c`
/// @param submission what is judged
/// @param expected the verdict; several if it depends on the host
record KnownSubmission(String name, Submission submission, Set<Verdict> expected) {

    /// The directories of a package that say the verdict; in others, and where several are right,
    /// the submission says it.
    private static final Map<String, Verdict> DIRECTORIES =
            Map.of(
                    "accepted", Verdict.AC,
                    "wrong_answer", Verdict.WA,
                    "presentation_error", Verdict.PE,
                    "time_limit_exceeded", Verdict.TLE,
                    "memory_limit_exceeded", Verdict.MLE,
                    "output_limit_exceeded", Verdict.OLE,
                    "run_time_error", Verdict.RE,
                    "compile_error", Verdict.CE,
                    "security_violation", Verdict.SV);

    private static final Pattern EXPECTED =
            Pattern.compile("@EXPECTED_RESULTS@:\\s*(\\w+(?:,\\s*\\w+)*)");
    private static final Pattern LANGUAGE = Pattern.compile("@LANGUAGE@:\\s*(\\w+)");
    private static final int HEAD_LINES = 3;

    /// Those of a problem whose language the host has.
    static List<KnownSubmission> of(Problem problem, Languages languages) {
        Path submissions = problem.directory().resolve("submissions");
        if (!Files.isDirectory(submissions)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(submissions, 2)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> read(problem, file, languages))
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + submissions, e);
        }
    }

    private static Optional<KnownSubmission> read(Problem problem, Path file, Languages languages) {
        String directory = file.getParent().getFileName().toString();
        String name = problem.id() + "/" + directory + "/" + file.getFileName();
        String source;
        try {
            source = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        String head = source.lines().limit(HEAD_LINES).collect(Collectors.joining("\n"));
        Matcher named = LANGUAGE.matcher(head);
        String language = named.find() ? named.group(1) : languages.idOfFile(name).orElse("");
        if (!languages.available().containsKey(language)
                && !languages.missing().containsKey(language)) {
            throw new ProblemPackageException(
                    name + " is in no language that the judge knows: \"" + language + "\"");
        }
        return languages.available().containsKey(language)
                ? Optional.of(
                        new KnownSubmission(
                                name,
                                new Submission(problem.id(), language, source),
                                expected(name, directory, head)))
                : Optional.empty();
    }

    /// The verdicts that the head of a submission or its directory says.
    static Set<Verdict> expected(String name, String directory, String head) {
        Matcher said = EXPECTED.matcher(head);
        if (said.find()) {
            return Arrays.stream(said.group(1).split(",\\s*"))
                    .map(Verdict::valueOf)
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Verdict.class)));
        }
        Verdict ofDirectory = DIRECTORIES.get(directory);
        if (ofDirectory == null) {
            throw new ProblemPackageException(
                    name
                            + " says no verdict: its first lines need @EXPECTED_RESULTS@, or its"
                            + " directory must be one of "
                            + DIRECTORIES.keySet().stream().sorted().toList());
        }
        return EnumSet.of(ofDirectory);
    }
}
