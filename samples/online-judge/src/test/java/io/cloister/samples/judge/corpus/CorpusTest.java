package io.cloister.samples.judge.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.problem.ProblemPackageException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

class CorpusTest {
    private static final Path PROBLEMS = Path.of("problems");

    @TempDir private Path directory;

    @Test
    void everySubmissionHasTheVerdictThatItShouldHave() throws Exception {
        try (SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory))) {
            List<KnownSubmission> all =
                    judge.problems().stream()
                            .flatMap(id ->
                                    KnownSubmission.of(judge.problem(id), judge.languagesOfHost())
                                            .stream())
                            .toList();
            assertThat(all).hasSizeGreaterThan(60);
            List<Corpus.Judged> judged = Corpus.judgeOnce(judge, all, 2, (_, _, _) -> {});
            assertThat(judged).hasSameSizeAs(all);
            assertThat(judged.stream().filter(one -> !one.isAsExpected()).map(Corpus.Judged::line))
                    .isEmpty();
        }
    }

    @Test
    void aProblemThatIsBrokenIsAFaultOfTheJudge() throws Exception {
        Path problem = Files.createDirectories(directory.resolve("problems/broken"));
        Path data = Files.createDirectories(problem.resolve("data/secret"));
        Path validators = Files.createDirectories(problem.resolve("output_validators"));
        Files.writeString(problem.resolve("problem.yaml"), "name: Broken\nvalidation: custom\n");
        Files.writeString(data.resolve("1.in"), "");
        Files.writeString(data.resolve("1.ans"), "");
        Files.writeString(validators.resolve("check.py"), "raise ValueError('no judge')");
        try (SandboxJudge judge =
                new SandboxJudge(
                        JudgeSettings.of(
                                directory.resolve("problems"), directory.resolve("artifacts")))) {
            var judgement =
                    judge.judge(new Submission("broken", "python", "pass"), Progress.silent());
            assertThat(judgement.verdict()).isEqualTo(Verdict.IE);
            assertThat(judgement.cause()).contains("42 or 43", "no judge");
            assertThatThrownBy(
                            () -> judge.judge(new Submission("none", "c", ""), Progress.silent()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("none");
        }
    }

    @Test
    void aSubmissionSaysItsVerdictOrItsDirectoryDoes() {
        assertThat(KnownSubmission.expected("a/b", "wrong_answer", ""))
                .isEqualTo(EnumSet.of(Verdict.WA));
        assertThat(KnownSubmission.expected("a/b", "attacks", "# @EXPECTED_RESULTS@: RE, TLE"))
                .isEqualTo(EnumSet.of(Verdict.RE, Verdict.TLE));
        assertThatThrownBy(() -> KnownSubmission.expected("a/b", "attacks", ""))
                .isInstanceOf(ProblemPackageException.class)
                .hasMessageContaining("a/b");
    }
}
