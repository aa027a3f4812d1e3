package io.cloister.samples.judge.engine;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.compile.Artifact;
import io.cloister.samples.judge.compile.CompileErrorException;
import io.cloister.samples.judge.compile.Compiler;
import io.cloister.samples.judge.language.Language;
import io.cloister.samples.judge.language.Languages;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.Problems;
import io.cloister.samples.judge.problem.TestCase;
import io.cloister.samples.judge.run.JudgeFaultException;
import io.cloister.samples.judge.run.Program;
import io.cloister.samples.judge.run.Runner;
import io.cloister.samples.judge.run.TestRun;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/// A judge that compiles and runs submissions in sandboxes of this host. Thread-safe; whoever makes
/// it closes it.
public final class SandboxJudge implements Judge, AutoCloseable {
    private final Map<String, Problem> problems;
    private final Languages languages;
    private final Boxes boxes;
    private final Compiler compiler;
    private final Runner runner;

    /// In the order in which they came: who waits for a slot is not overtaken.
    private final Semaphore slots;

    /// Reads the problems and looks which languages the host has.
    ///
    /// @param settings what it has to know
    /// @throws io.cloister.sandbox.SandboxUnavailableException if the host cannot have sandboxes
    public SandboxJudge(JudgeSettings settings) {
        this(settings, Languages.ofHost(), (_, _) -> {});
    }

    /// A judge of languages of one's own.
    ///
    /// @param settings what it has to know
    /// @param languages the languages
    /// @param customizer adds to the policies of `compiler` and `program`, such as listeners
    public SandboxJudge(
            JudgeSettings settings,
            Languages languages,
            BiConsumer<String, Sandbox.Builder> customizer) {
        problems = Problems.read(settings.problems());
        this.languages = languages;
        boxes = new Boxes(languages.available().values(), settings.slots(), customizer);
        compiler = new Compiler(boxes, settings.artifacts(), settings.artifactBytes());
        runner = new Runner(boxes);
        slots = new Semaphore(settings.slots(), true);
    }

    @Override
    public Judgement judge(Submission submission, Progress progress) throws InterruptedException {
        Problem problem = named("problem", submission.problem(), problems);
        Language language = named("language", submission.language(), languages.available());
        slots.acquire();
        try (Artifact artifact = compiled(language, submission.source(), progress)) {
            Program program = new Program(language, artifact.directory());
            Optional<Path> source = problem.validation().program();
            if (source.isEmpty()) {
                return tests(problem, program, Optional.empty(), progress);
            }
            try (Artifact validator = compiledValidator(source.get())) {
                Language its = languageOf(source.get());
                Program compiled = new Program(its, validator.directory());
                return tests(problem, program, Optional.of(compiled), progress);
            }
        } catch (CompileErrorException e) {
            return new Judgement(
                    Verdict.CE, e.getMessage(), Duration.ZERO, 0, e.compilerOutput(), List.of());
        } catch (SandboxException | JudgeFaultException | IOException | UncheckedIOException e) {
            return fault(e, List.of());
        } finally {
            slots.release();
        }
    }

    private static <T> T named(String what, String name, Map<String, T> all) {
        T found = all.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "there is no %s %s, there are %s".formatted(what, name, all.keySet()));
        }
        return found;
    }

    private Artifact compiled(Language language, String source, Progress progress)
            throws CompileErrorException, InterruptedException, IOException {
        progress.compiling();
        boolean cached = false;
        try {
            Artifact artifact = compiler.compile(language, source);
            cached = artifact.cached();
            return artifact;
        } finally {
            progress.compiled(cached);
        }
    }

    private Artifact compiledValidator(Path source) throws InterruptedException, IOException {
        try {
            return compiler.compile(languageOf(source), Files.readString(source));
        } catch (CompileErrorException e) {
            throw new JudgeFaultException(
                    "the validator %s cannot be compiled: %s%n%s"
                            .formatted(source, e.getMessage(), e.compilerOutput()));
        }
    }

    private Language languageOf(Path source) {
        return languages
                .ofFile(source.getFileName().toString())
                .orElseThrow(() ->
                        new JudgeFaultException("no language of this host is that of " + source));
    }

    private Judgement tests(
            Problem problem, Program program, Optional<Program> validator, Progress progress)
            throws InterruptedException {
        List<TestResult> results = new ArrayList<>();
        for (TestCase test : problem.tests()) {
            TestRun run;
            try {
                run = runner.test(program, validator, problem, test);
            } catch (SandboxException
                    | JudgeFaultException
                    | IOException
                    | UncheckedIOException e) {
                return fault(e, results);
            }
            TestResult result =
                    new TestResult(
                            results.size() + 1,
                            test.name(),
                            run.finding().verdict(),
                            run.cpuTime(),
                            run.wallTime(),
                            run.memoryBytes(),
                            run.finding().cause());
            results.add(result);
            progress.tested(result, problem.tests().size());
            if (!run.finding().isAccepted()) {
                break;
            }
        }
        TestResult last = results.getLast();
        return judgement(last.verdict(), last.cause(), results);
    }

    private static Judgement fault(Exception e, List<TestResult> results) {
        return judgement(Verdict.IE, String.valueOf(e.getMessage()), results);
    }

    private static Judgement judgement(Verdict verdict, String cause, List<TestResult> results) {
        return new Judgement(
                verdict,
                cause,
                results.stream()
                        .map(TestResult::cpuTime)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO),
                results.stream().mapToLong(TestResult::memoryBytes).max().orElse(0),
                "",
                results);
    }

    @Override
    public Set<String> problems() {
        return problems.keySet();
    }

    @Override
    public Set<String> languages() {
        return languages.available().keySet();
    }

    /// {@return the problem of a short name}
    ///
    /// @param id the short name
    /// @throws IllegalArgumentException if there is none
    public Problem problem(String id) {
        return named("problem", id, problems);
    }

    /// {@return which languages there are, and which not for what reason}
    public Languages languagesOfHost() {
        return languages;
    }

    /// Ends all sandboxes; waits for submissions that are being judged.
    @Override
    public void close() {
        boxes.close();
    }
}
