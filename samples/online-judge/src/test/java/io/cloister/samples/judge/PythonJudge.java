package io.cloister.samples.judge;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.TestResult;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxResult;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A small judge for one problem in one language, so that a test of the server needs no more of the
/// host than sandboxes and Python.
public final class PythonJudge implements Judge {
    private static final List<String> INPUTS = List.of("1 2\n", "10 20\n", "-5 5\n");
    private static final List<String> ANSWERS = List.of("3", "30", "0");

    private final SandboxPool pool;

    private PythonJudge(SandboxPool pool) {
        this.pool = pool;
    }

    /// Has the application use this judge.
    public static class Configuration {
        @Bean
        PythonJudge pythonJudge(@Qualifier("python") SandboxPool pool) {
            return new PythonJudge(pool);
        }
    }

    @Override
    public Judgement judge(Submission submission, Progress progress) throws InterruptedException {
        if (!problems().contains(submission.problem())) {
            throw new IllegalArgumentException("there is no problem " + submission.problem());
        }
        List<TestResult> results = new ArrayList<>();
        for (int i = 0; i < INPUTS.size(); i++) {
            TestResult result = test(submission.source(), i);
            results.add(result);
            progress.tested(result, INPUTS.size());
            if (result.verdict() != Verdict.AC) {
                return judgement(result.verdict(), result.cause(), results);
            }
        }
        return judgement(Verdict.AC, "", results);
    }

    private TestResult test(String source, int index) throws InterruptedException {
        SandboxResult run =
                pool.run(
                        Command.of("python3", "-c", source)
                                .stdin(
                                        Input.bytes(
                                                INPUTS.get(index)
                                                        .getBytes(StandardCharsets.UTF_8))));
        boolean ended = run.outcome().equals(new Outcome.Exited(0));
        boolean right = run.stdoutText().strip().equals(ANSWERS.get(index));
        return new TestResult(
                index + 1,
                "test-" + (index + 1),
                ended ? right ? Verdict.AC : Verdict.WA : Verdict.RE,
                run.usage().cpuTime().orElse(Duration.ZERO),
                run.usage().wallTime(),
                0,
                ended ? right ? "" : "expected " + ANSWERS.get(index) : run.outcome().toString());
    }

    private static Judgement judgement(Verdict verdict, String cause, List<TestResult> results) {
        return new Judgement(verdict, cause, Duration.ZERO, 0, "", results);
    }

    @Override
    public Set<String> problems() {
        return Set.of("sum");
    }

    @Override
    public Set<String> languages() {
        return Set.of("python");
    }
}
