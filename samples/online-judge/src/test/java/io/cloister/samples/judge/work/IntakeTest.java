package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.JudgeExtension;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// A submission and its job: both or neither.
@Tag("kernel")
@Timeout(120)
class IntakeTest {
    private static final String JOBS = "select count(*) from scheduled_tasks";
    private static final String SUBMISSIONS = "select count(*) from submission";

    @RegisterExtension
    static final JudgeExtension JUDGE = new JudgeExtension("judge.role=server", "judge.waiting=4");

    private final Intake intake = JUDGE.bean(Intake.class);

    @AfterEach
    void empty() {
        JUDGE.bean(JdbcClient.class).sql("truncate submission, event, scheduled_tasks").update();
    }

    @Test
    void whatIsSubmittedHasAJob() {
        long jobs = JUDGE.count(JOBS);
        long id = intake.submit(python(SUM));
        assertThat(JUDGE.count(JOBS)).isEqualTo(jobs + 1);
        assertThat(JUDGE.count(JOBS + " where task_instance = ?", id + "-1")).isEqualTo(1);
    }

    @Test
    void whatIsRolledBackHasNeitherRowNorJob() {
        long jobs = JUDGE.count(JOBS);
        long submissions = JUDGE.count(SUBMISSIONS);
        TransactionTemplate transaction =
                new TransactionTemplate(JUDGE.bean(PlatformTransactionManager.class));

        assertThatThrownBy(() ->
                        transaction.executeWithoutResult(status -> {
                            intake.submit(python(SUM));
                            assertThat(JUDGE.count(JOBS)).isEqualTo(jobs + 1);
                            assertThat(JUDGE.count(SUBMISSIONS)).isEqualTo(submissions + 1);
                            throw new IllegalStateException("after both");
                        }))
                .hasMessage("after both");

        assertThat(JUDGE.count(JOBS)).isEqualTo(jobs);
        assertThat(JUDGE.count(SUBMISSIONS)).isEqualTo(submissions);
    }

    @Test
    void soManyMayWaitAndNoMore() {
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 5; i++) {
                                intake.submit(python(SUM));
                            }
                        })
                .isInstanceOf(QueueFullException.class)
                .hasMessage("4 submissions wait for a verdict, and no more may; try again later");
        assertThat(JUDGE.count(SUBMISSIONS)).isEqualTo(4);
        assertThat(JUDGE.count(JOBS)).isEqualTo(4);
    }

    @Test
    void whatHasNoVerdictIsNotJudgedAgain() {
        long id = intake.submit(python(SUM));
        assertThat(intake.rejudge(id)).isFalse();
        assertThat(JUDGE.count(JOBS + " where task_instance like ?", id + "-%")).isEqualTo(1);
    }
}
