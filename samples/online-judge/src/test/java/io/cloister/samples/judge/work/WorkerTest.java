package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.judge.JudgeExtension;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.StoredEvent;
import io.cloister.samples.judge.store.Submissions;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.health.contributor.Status;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// What a worker does with jobs, and what follows when it fails.
@Tag("kernel")
@Timeout(120)
class WorkerTest {
    @RegisterExtension static final JudgeExtension JUDGE = new JudgeExtension("judge.threads=1");

    private final Intake intake = JUDGE.bean(Intake.class);
    private final EventLog events = JUDGE.bean(EventLog.class);
    private final JdbcClient database = JUDGE.bean(JdbcClient.class);

    @Test
    void newSubmissionsComeBeforeRejudges() throws Exception {
        long old = intake.submit(python(SUM));
        JUDGE.verdict(old);

        long first = intake.submit(python("import time; time.sleep(0.3); " + SUM));
        assertThat(intake.rejudge(old)).isTrue();
        long second = intake.submit(python(SUM));
        JUDGE.verdict(first);
        JUDGE.verdict(second);
        JUDGE.verdict(old);

        List<Long> order =
                database.sql("select submission from event where kind = 'judged' order by id")
                        .query(Long.class)
                        .list();
        assertThat(order).endsWith(first, second, old);
    }

    @Test
    void whatFailsAgainAndAgainIsGivenUpWithTheCause() throws Exception {
        // Longer than an argument may be: the host refuses to start it.
        long id = intake.submit(python("#".repeat(200_000)));

        Event.Judged judged = JUDGE.verdict(id);
        assertThat(judged.verdict()).isEqualTo(Verdict.IE);
        String worker = JUDGE.bean(WorkerName.class).value();
        assertThat(judged.cause())
                .isEqualTo(
                        "given up after 3 tries; the last one: the worker %s has failed; its log"
                                        .formatted(worker)
                                + " says why");
        assertThat(events.after(id, 0)).filteredOn(e -> e.kind().equals("retried")).hasSize(3);
        // Three failures in a row, until one works.
        assertThat(JUDGE.bean(WorkerHealthIndicator.class).health().getStatus())
                .isEqualTo(Status.DOWN);
        JUDGE.verdict(intake.submit(python(SUM)));
        assertThat(JUDGE.bean(WorkerHealthIndicator.class).health().getStatus())
                .isEqualTo(Status.UP);
    }

    @Test
    void whatThisWorkerDoesNotKnowWaitsForAnother() throws Exception {
        long unknown = intake.submit(new Submission("gone", "python", SUM));
        JUDGE.verdict(intake.submit(python(SUM)));
        while (JUDGE.count(
                        "select count(*) from scheduled_tasks where task_instance = ? and not"
                                + " picked and execution_time > now()",
                        unknown + "-1")
                == 0) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(events.after(unknown, 0))
                .extracting(StoredEvent::kind)
                .containsExactly("queued");
        database.sql("update submission set problem = 'sum' where id = ?").param(unknown).update();
        assertThat(JUDGE.verdict(unknown).verdict()).isEqualTo(Verdict.AC);
    }

    @Test
    void aLostDatabaseIsNoTry() throws Exception {
        long id = intake.submit(python("import time; time.sleep(0.5); " + SUM));
        while (!events.latest(id).orElseThrow().kind().equals("started")) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        // Whoever writes next finds the connection gone.
        database.sql(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where datname = current_database() and pid <> pg_backend_pid()")
                .query((row, number) -> number)
                .list();
        assertThat(JUDGE.verdict(id).verdict()).isEqualTo(Verdict.AC);
        assertThat(JUDGE.bean(Submissions.class).find(id).orElseThrow().tries()).isEqualTo(1);
    }

    @Test
    void whatASilentWorkerHasIsJudgedByAnother() throws Exception {
        long id = submittedTo("ghost", 1);
        assertThat(JUDGE.verdict(id).verdict()).isEqualTo(Verdict.AC);
        assertThat(events.retried(id))
                .contains(new Event.Retried("the worker ghost has fallen silent"));
    }

    @Test
    void whatKillsEveryWorkerIsGivenUp() throws Exception {
        long id = submittedTo("ghost", 3);
        assertThat(JUDGE.verdict(id).verdict()).isEqualTo(Verdict.IE);
        assertThat(JUDGE.verdict(id).cause())
                .isEqualTo(
                        "given up after 3 tries; the last one: the worker ghost has fallen silent");
    }

    /// {@return a submission that a worker has taken which was not heard of for an hour}
    private long submittedTo(String worker, int tries) {
        TransactionTemplate transaction =
                new TransactionTemplate(JUDGE.bean(PlatformTransactionManager.class));
        return Objects.requireNonNull(
                transaction.execute(status -> {
                    long id = intake.submit(python(SUM));
                    database.sql("update submission set tries = ? where id = ?")
                            .params(tries, id)
                            .update();
                    database.sql(
                                    "update scheduled_tasks set picked = true, picked_by = ?,"
                                            + " last_heartbeat = now() - interval '1 hour'"
                                            + " where task_instance = ?")
                            .params(worker, id + "-1")
                            .update();
                    return id;
                }));
    }
}
