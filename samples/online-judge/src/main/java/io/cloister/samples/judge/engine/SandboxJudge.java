package io.cloister.samples.judge.engine;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.compile.Artifact;
import io.cloister.samples.judge.compile.CompileErrorException;
import io.cloister.samples.judge.compile.Compiler;
import io.cloister.samples.judge.language.Language;
import io.cloister.samples.judge.language.Languages;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.ProblemPackageException;
import io.cloister.samples.judge.problem.Problems;
import io.cloister.samples.judge.problem.TestCase;
import io.cloister.samples.judge.run.Program;
import io.cloister.samples.judge.run.Runner;
import io.cloister.samples.judge.run.TestRun;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxFileException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;

/// A judge that compiles and runs submissions in sandboxes of this host. Thread-safe; whoever makes
/// it closes it.
public final class SandboxJudge implements Judge, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxJudge.class);

    private final Problems problems;
    private final Languages languages;
    private final Boxes boxes;
    private final Compiler compiler;
    private final Runner runner;

    /// In the order in which they came: who waits for a slot is not overtaken.
    private final Semaphore slots;

    /// Read by those who judge.
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    private boolean closed;

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
    /// @param customizer adds to the policies of `compiler`, `program` and `validator`, such as
    ///   listeners
    public SandboxJudge(
            JudgeSettings settings,
            Languages languages,
            BiConsumer<String, Sandbox.Builder> customizer) {
        problems = Problems.read(settings.problems());
        problems.refused().forEach((id, why) -> LOG.warn("no problem {}: {}", id, why));
        languages.missing().forEach((id, why) -> LOG.info("no language {}: {}", id, why));
        this.languages = languages;
        boxes = new Boxes(languages.available().values(), settings.slots(), customizer);
        runner = new Runner(boxes);
        slots = new Semaphore(settings.slots(), true);
        try {
            compiler = new Compiler(boxes, settings.artifacts(), settings.artifactBytes(), slots);
        } catch (RuntimeException e) {
            boxes.close();
            throw e;
        }
    }

    @Override
    public Judgement judge(Submission submission, Progress progress) throws InterruptedException {
        Problem problem = named("problem", submission.problem(), problems.available());
        Language language = named("language", submission.language(), languages.available());
        open.readLock().lockInterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the judge is closed");
            }
            return judge(problem, language, submission.source(), progress);
        } catch (CompileErrorException e) {
            return new Judgement(
                    Verdict.CE, e.getMessage(), Duration.ZERO, 0, e.compilerOutput(), List.of());
        } catch (ProblemPackageException e) {
            LOG.error("problem {}", problem.id(), e);
            return judgement(Verdict.IE, "the validator cannot be compiled", List.of());
        } catch (SandboxFileException e) {
            if (e.reason() == SandboxFileException.Reason.INTERRUPTED) {
                Thread.interrupted();
                throw new InterruptedException(e.getMessage());
            }
            throw new HostFaultException(e);
        } catch (SandboxException | IOException | UncheckedIOException e) {
            throw new HostFaultException(e);
        } finally {
            open.readLock().unlock();
        }
    }

    private Judgement judge(Problem problem, Language language, String source, Progress progress)
            throws CompileErrorException, InterruptedException, IOException {
        try (Artifact artifact = compiled(language, source, progress)) {
            Program program = new Program(language, artifact.directory());
            Optional<Path> validator = problem.validation().program();
            if (validator.isEmpty()) {
                return tests(problem, program, Optional.empty(), progress);
            }
            Language its = languageOf(validator.get());
            try (Artifact compiled = compiledValidator(its, validator.get())) {
                Program second = new Program(its, compiled.directory());
                return tests(problem, program, Optional.of(second), progress);
            }
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

    private Artifact compiledValidator(Language language, Path source)
            throws InterruptedException, IOException {
        try {
            return compiler.compile(language, Files.readString(source));
        } catch (CompileErrorException e) {
            throw new ProblemPackageException(
                    "%s cannot be compiled: %s%n%s"
                            .formatted(source, e.getMessage(), e.compilerOutput()));
        }
    }

    private Language languageOf(Path source) {
        return languages
                .ofFile(source.getFileName().toString())
                .orElseThrow(
                        () -> new HostFaultException("this host has no language for " + source));
    }

    private Judgement tests(
            Problem problem, Program program, Optional<Program> validator, Progress progress)
            throws InterruptedException, IOException {
        List<TestResult> results = new ArrayList<>();
        slots.acquire();
        try {
            for (TestCase test : problem.tests()) {
                TestRun run = runner.test(program, validator, problem, test);
                Finding finding = run.finding();
                if (finding.verdict() == Verdict.IE) {
                    LOG.error("problem {}, {}: {}", problem.id(), test, finding.withWords());
                }
                TestResult result =
                        new TestResult(
                                results.size() + 1,
                                test.name(),
                                finding.verdict(),
                                run.cpuTime(),
                                run.wallTime(),
                                run.memoryBytes(),
                                test.isSample() ? finding.withWords() : finding.cause());
                results.add(result);
                progress.tested(result, problem.tests().size());
                if (!finding.isAccepted()) {
                    break;
                }
            }
        } finally {
            slots.release();
        }
        TestResult last = results.getLast();
        return judgement(last.verdict(), last.cause(), results);
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
        return problems.available().keySet();
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
        return named("problem", id, problems.available());
    }

    /// {@return which languages there are, and which not for what reason}
    public Languages languagesOfHost() {
        return languages;
    }

    /// {@return short names of problem packages that are not as they should be, to reasons}
    public Map<String, String> refused() {
        return problems.refused();
    }

    /// Ends all sandboxes; waits for submissions that are being judged.
    @Override
    public void close() {
        open.writeLock().lock();
        try {
            closed = true;
            boxes.close();
        } finally {
            open.writeLock().unlock();
        }
    }
}
