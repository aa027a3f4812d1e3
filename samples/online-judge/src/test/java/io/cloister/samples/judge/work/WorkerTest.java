package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.judge.JudgeExtension;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.EventLog;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.util.List;
import java.util.Objects;

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
        long id = intake.submit(new Submission("gone", "python3", SUM));

        Event.Judged judged = JUDGE.verdict(id);
        assertThat(judged.verdict()).isEqualTo(Verdict.IE);
        assertThat(judged.cause())
                .isEqualTo(
                        "given up after 3 tries; the last one:"
                                + " java.lang.IllegalArgumentException: there is no problem gone");
        assertThat(events.after(id, 0)).filteredOn(e -> e.kind().equals("retried")).hasSize(3);
    }

    @Test
    void whatASilentWorkerHasIsJudgedByAnother() throws Exception {
        long id = submittedTo("ghost", 1);
        assertThat(JUDGE.verdict(id).verdict()).isEqualTo(Verdict.AC);
        assertThat(events.latest(id, Event.Retried.class))
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
