package io.cloister.samples.judge.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.TestResult;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.language.Languages;
import io.cloister.samples.judge.problem.ProblemPackageException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Tag("kernel")
@Timeout(300)
class CorpusTest {
    private static final Path PROBLEMS = Path.of("problems");

    @TempDir private Path directory;

    @Test
    void everySubmissionHasTheVerdictThatItShouldHave() throws Exception {
        try (SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory))) {
            assertThat(judge.refused()).isEmpty();
            assertThat(judge.languagesOfHost().missing().keySet())
                    .as("what the host may lack")
                    .isSubsetOf("java17", "node");
            assertThat(known(judge)).hasSizeGreaterThan(100);
            assertAsExpected(judge, known(judge), 2);
        }
    }

    @Test
    void attacksComeToNothingSeveralAtATimeAndTwice() throws Exception {
        try (SandboxJudge judge =
                new SandboxJudge(
                        new JudgeSettings(PROBLEMS, directory, JudgeSettings.ARTIFACTS, 8))) {
            List<KnownSubmission> attacks =
                    known(judge).stream()
                            .filter(one -> one.name().startsWith("sum/attacks/"))
                            .filter(one -> !one.submission().language().startsWith("java"))
                            .toList();
            assertThat(attacks).hasSizeGreaterThan(15);
            assertAsExpected(judge, attacks, 8);
            assertAsExpected(judge, attacks, 8);
        }
    }

    private static List<KnownSubmission> known(SandboxJudge judge) {
        return judge.problems().stream()
                .flatMap(id ->
                        KnownSubmission.of(judge.problem(id), judge.languagesOfHost()).stream())
                .toList();
    }

    private static void assertAsExpected(
            SandboxJudge judge, List<KnownSubmission> all, int parallel) throws Exception {
        List<Corpus.Judged> judged = Corpus.judgeOnce(judge, all, parallel, (_, _, _) -> {});
        assertThat(judged).hasSameSizeAs(all);
        assertThat(judged.stream().filter(one -> !one.isAsExpected()).map(Corpus.Judged::line))
                .isEmpty();
    }

    /// The same program does reach it where nothing confines it.
    @Test
    void whatListensOnTheHostIsNotReached() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory))) {
            String port = String.valueOf(listener.getLocalPort());
            String source =
                    Files.readString(PROBLEMS.resolve("sum/submissions/attacks/dial-out.py"))
                            .replace("(22, 5432, 8080)", "(" + port + ",)");
            assertThat(source).contains(port);
            listener.setSoTimeout(100);
            assertThat(judge.judge(new Submission("sum", "python", source), Progress.silent()))
                    .extracting(Judgement::verdict)
                    .isEqualTo(Verdict.AC);
            assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);

            Path input = Files.writeString(directory.resolve("input"), "2\n1 2\n");
            Process unconfined =
                    new ProcessBuilder("/usr/bin/python3", "-c", source)
                            .redirectInput(input.toFile())
                            .redirectErrorStream(true)
                            .start();
            assertThat(new String(unconfined.getInputStream().readAllBytes(), UTF_8))
                    .contains("127.0.0.1", port);
            listener.accept().close();
        }
    }

    @Test
    void whatAProgramSaysOfASecretTestIsNotTold() throws Exception {
        try (SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory))) {
            String source =
                    "import sys; n, *x = map(int, open(0).read().split())\n"
                            + "print(sum(x)) if sum(x) > 0 else sys.exit('input: %s' % x)";
            Judgement judgement =
                    judge.judge(new Submission("sum", "python", source), Progress.silent());
            assertThat(judgement.tests().getLast().name()).startsWith("secret/");
            assertThat(judgement.cause()).isEqualTo("exit code 1");
            assertThat(
                            judge.judge(
                                            new Submission("sum", "python", "exit('input')"),
                                            Progress.silent())
                                    .cause())
                    .isEqualTo("exit code 1; it said: input");
        }
    }

    @Test
    void aHostThatCannotJudgeGivesNoVerdict() throws Exception {
        Path artifacts = directory.resolve("artifacts");
        try (SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, artifacts))) {
            Files.delete(artifacts);
            Files.createFile(artifacts);
            Submission submission = new Submission("sum", "python", "print(1)");
            assertThatThrownBy(() -> judge.judge(submission, Progress.silent()))
                    .isInstanceOf(HostFaultException.class);
        }
    }

    @Test
    void anInteractorMayComputeForLongerThanASolutionMayWait() throws Exception {
        Path problem = Files.createDirectories(directory.resolve("problems/slow"));
        Path data = Files.createDirectories(problem.resolve("data/secret"));
        Path validators = Files.createDirectories(problem.resolve("output_validators"));
        Files.writeString(
                problem.resolve("problem.yaml"),
                "name: Slow\nvalidation: custom interactive\nlimits: {time_limit: 0.1}\n");
        Files.writeString(data.resolve("1.in"), "");
        Files.writeString(data.resolve("1.ans"), "");
        Files.writeString(
                validators.resolve("slow.py"),
                """
                import sys, time
                while time.process_time() < 5: pass
                print(1, flush=True)
                sys.exit(42 if input() == "1" else 43)
                """);
        try (SandboxJudge judge =
                new SandboxJudge(
                        JudgeSettings.of(
                                directory.resolve("problems"), directory.resolve("artifacts")))) {
            Submission submission = new Submission("slow", "python", "print(input())");
            assertThat(judge.judge(submission, Progress.silent()))
                    .extracting(Judgement::verdict, Judgement::cause)
                    .containsExactly(Verdict.AC, "");
        }
    }

    @Test
    void aMessageOfAValidatorMayBeAnything() throws Exception {
        Path problem = Files.createDirectories(directory.resolve("problems/long"));
        Path data = Files.createDirectories(problem.resolve("data/secret"));
        Path validators = Files.createDirectories(problem.resolve("output_validators"));
        Files.writeString(problem.resolve("problem.yaml"), "name: Long\nvalidation: custom\n");
        Files.writeString(data.resolve("1.in"), "");
        Files.writeString(data.resolve("1.ans"), "");
        Files.writeString(
                validators.resolve("long.py"),
                "import sys; open(sys.argv[3] + 'teammessage.txt', 'w').write('x' * 100000);"
                        + " sys.exit(43)");
        try (SandboxJudge judge =
                new SandboxJudge(
                        JudgeSettings.of(
                                directory.resolve("problems"), directory.resolve("artifacts")))) {
            Submission submission = new Submission("long", "python", "pass");
            assertThat(judge.judge(submission, Progress.silent()))
                    .extracting(Judgement::verdict, Judgement::cause)
                    .containsExactly(Verdict.WA, "its message cannot be read: TOO_LARGE");
        }
    }

    @Test
    void whoClosesTheJudgeWaitsForWhatIsJudged() throws Exception {
        SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory));
        CompletableFuture<Judgement> judged = new CompletableFuture<>();
        CountDownLatch compiled = new CountDownLatch(1);
        Progress progress =
                new Progress() {
                    @Override
                    public void compiling() {}

                    @Override
                    public void compiled(boolean cached) {
                        compiled.countDown();
                    }

                    @Override
                    public void tested(TestResult result, int tests) {}
                };
        String source =
                "import time; time.sleep(0.2); n, *x = map(int, open(0).read().split());"
                        + " print(sum(x))";
        Submission submission = new Submission("sum", "python", source);
        Thread.startVirtualThread(() -> {
            try {
                judged.complete(judge.judge(submission, progress));
            } catch (InterruptedException | RuntimeException e) {
                judged.completeExceptionally(e);
            }
        });
        compiled.await();
        judge.close();
        assertThat(judged.get(10, TimeUnit.SECONDS).verdict()).isEqualTo(Verdict.AC);
        assertThatThrownBy(() -> judge.judge(submission, Progress.silent()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFileInNoLanguageIsNotLeftOut() throws Exception {
        try (SandboxJudge judge = new SandboxJudge(JudgeSettings.of(PROBLEMS, directory))) {
            assertThatThrownBy(() ->
                            KnownSubmission.of(
                                    judge.problem("sum"),
                                    new Languages(
                                            judge.languagesOfHost().available(),
                                            Map.of(),
                                            Map.of())))
                    .isInstanceOf(ProblemPackageException.class)
                    .hasMessageContaining("no language");
        }
    }

    @Test
    void aProblemThatIsBrokenIsAnInternalErrorAndItsValidatorIsNotQuoted() throws Exception {
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
            assertThat(judgement.cause()).contains("42 or 43").doesNotContain("no judge");
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
