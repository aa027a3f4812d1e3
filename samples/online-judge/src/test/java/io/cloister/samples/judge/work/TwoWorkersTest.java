package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import io.cloister.samples.judge.JudgeExtension;
import io.cloister.samples.judge.TestApplication;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.Event;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Two JVMs judge what a third one takes in, and one of them is killed.
@Tag("kernel")
@Timeout(180)
class TwoWorkersTest {
    private static final int SUBMISSIONS = 16;
    private static final String SLOW = "import time; time.sleep(0.4); " + SUM;

    /// Submissions that a worker has taken and not judged.
    private static final String IN_WORK =
            "select submission from event s where kind = 'started'"
                    + " and body::json ->> 'worker' like ? and not exists"
                    + " (select 1 from event e where e.submission = s.submission"
                    + " and e.attempt = s.attempt and e.kind = 'judged')";

    @RegisterExtension static final JudgeExtension JUDGE = new JudgeExtension("judge.role=server");

    /// Who is killed cannot tidy up.
    @TempDir Path temporary;

    private final JdbcClient database = JUDGE.bean(JdbcClient.class);

    private Process worker(String name) throws IOException {
        HikariDataSource source = JUDGE.bean(HikariDataSource.class);
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestApplication.class.getName(),
                        "judge.role=worker");
        builder.environment()
                .putAll(
                        Map.of(
                                "SPRING_DATASOURCE_URL", source.getJdbcUrl(),
                                "SPRING_DATASOURCE_USERNAME", source.getUsername(),
                                "SPRING_DATASOURCE_PASSWORD", source.getPassword()));
        return builder.redirectErrorStream(true)
                .redirectOutput(Path.of("target", "worker-" + name + ".log").toFile())
                .start();
    }

    private List<Long> inWork(Process worker) {
        return database.sql(IN_WORK).param("%-" + worker.pid()).query(Long.class).list();
    }

    @Test
    void whatAKilledWorkerHadIsJudgedOnceByTheOther() throws Exception {
        Process survivor = worker("survivor");
        Process victim = worker("victim");
        try {
            List<Long> ids =
                    Stream.generate(() -> JUDGE.bean(Intake.class).submit(python(SLOW)))
                            .limit(SUBMISSIONS)
                            .toList();
            // Both at work, so that the killed one leaves something behind.
            while (inWork(victim).isEmpty() || inWork(survivor).isEmpty()) {
                assertThat(victim.isAlive() && survivor.isAlive()).isTrue();
                TimeUnit.MILLISECONDS.sleep(10);
            }
            victim.destroyForcibly().waitFor();
            List<Long> orphans = inWork(victim);
            assertThat(orphans).isNotEmpty();

            Map<Long, Event.Judged> verdicts = new TreeMap<>();
            for (long id : ids) {
                verdicts.put(id, JUDGE.verdict(id));
            }
            assertThat(verdicts.values())
                    .extracting(Event.Judged::verdict)
                    .containsOnly(Verdict.AC)
                    .hasSize(SUBMISSIONS);
            assertThat(JUDGE.count("select count(*) from event where kind = 'judged'"))
                    .isEqualTo(SUBMISSIONS);
            for (long orphan : orphans) {
                assertThat(verdicts.get(orphan).worker()).endsWith("-" + survivor.pid());
                assertThat(
                                JUDGE.count(
                                        "select count(*) from event where submission = ?"
                                                + " and kind = 'retried'",
                                        orphan))
                        .isEqualTo(1);
            }

            survivor.destroy();
            assertThat(survivor.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(survivor.exitValue()).isEqualTo(128 + 15);
            assertThat(JUDGE.count("select count(*) from scheduled_tasks")).isZero();
        } finally {
            victim.destroyForcibly().waitFor();
            survivor.destroyForcibly().waitFor();
        }
    }
}
