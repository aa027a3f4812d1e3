package io.cloister.samples.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.Submissions;
import io.cloister.samples.judge.work.Catalogue;
import io.cloister.samples.judge.work.Intake;
import io.micrometer.core.instrument.MeterRegistry;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The whole application, with the judge that it comes with.
@Tag("kernel")
@Timeout(120)
class EngineConfigurationTest {
    @RegisterExtension
    static final BeforeAllCallback DATABASE = test -> database = SharedDatabase.of(test).create();

    private static String[] database = {};

    @TempDir Path cache;

    private ConfigurableApplicationContext start(String... properties) {
        return SpringApplication.run(
                JudgeApplication.class,
                Stream.of(
                                database,
                                properties,
                                new String[] {
                                    "server.port=0",
                                    "judge.problems=problems",
                                    "judge.cache=" + cache
                                })
                        .flatMap(Stream::of)
                        .map("--"::concat)
                        .toArray(String[]::new));
    }

    @Test
    void itJudgesByTheProblemsOfADirectoryAndCountsItsRuns() throws Exception {
        try (ConfigurableApplicationContext judge = start()) {
            String source = Files.readString(Path.of("problems/sum/submissions/accepted/sum.py"));
            Submission submission = new Submission("sum", "python", source);
            assertThat(verdict(judge, submission).verdict()).isEqualTo(Verdict.AC);
            assertThat(cache.resolve("artifacts-1")).isNotEmptyDirectory();

            Submission wrong = new Submission("sum", "python", "print(1)");
            assertThat(verdict(judge, wrong).verdict()).isEqualTo(Verdict.WA);

            MeterRegistry meters = judge.getBean(MeterRegistry.class);
            assertThat(meters.get("sandbox.runs").tag("profile", "program").timer().count())
                    .isPositive();
        }
    }

    @Test
    void aServerKnowsTheProblemsAndHasNoJudge() {
        try (ConfigurableApplicationContext server = start("judge.role=server")) {
            assertThat(server.getBean(Catalogue.class).problems()).contains("sum", "guess");
            assertThat(server.getBean(Catalogue.class).languages()).contains("python");
            assertThat(server.getBeansOfType(Judge.class)).isEmpty();
            assertThat(cache).isEmptyDirectory();
        }
    }

    private static Event.Judged verdict(ConfigurableApplicationContext judge, Submission submission)
            throws InterruptedException {
        long id = judge.getBean(Intake.class).submit(submission);
        while (!judge.getBean(Submissions.class).find(id).orElseThrow().isJudged()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return judge.getBean(EventLog.class).verdict(id).orElseThrow();
    }
}
