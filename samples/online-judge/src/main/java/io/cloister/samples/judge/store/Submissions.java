package io.cloister.samples.judge.store;

import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.TestResult;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

import java.util.List;
import java.util.Optional;

/// Submissions, and who may write about them.
///
/// A worker first [claims][#claim] a submission, for which it gets a number that is higher than
/// those of all workers before it. Whatever it writes names that number, and is refused when there
/// is a higher one or a verdict. So a worker that was taken for dead, and comes back after another
/// has taken its place, changes nothing.
@Repository
@Transactional
public class Submissions {
    private static final String COLUMNS =
            "select id, problem, language, sent_at, round, attempt, tries, judged, verdict"
                    + " from submission ";

    private final JdbcClient database;
    private final EventLog events;

    Submissions(JdbcClient database, EventLog events) {
        this.database = database;
        this.events = events;
    }

    /// Stores a new submission.
    ///
    /// @param submission what was sent
    /// @return the verdict that is due
    public Job add(Submission submission) {
        long id =
                database.sql(
                                "insert into submission (problem, language, source)"
                                        + " values (?, ?, ?) returning id")
                        .params(submission.problem(), submission.language(), submission.source())
                        .query(Long.class)
                        .single();
        return queued(new Job(id, 1), 0);
    }

    /// Asks for another verdict of a submission that has one, which counts until then.
    ///
    /// @param id its number
    /// @return the new verdict that is due; empty if one is due already, or no such submission
    public Optional<Job> reopen(long id) {
        // With a number of its own, so that who wrote the old verdict can't write the new one.
        return database.sql(
                        "update submission set round = round + 1, attempt = attempt + 1, tries = 0"
                                + " where id = ? and judged = round returning round, attempt")
                .params(id)
                .query((row, number) -> queued(new Job(id, row.getInt(1)), row.getInt(2)))
                .optional();
    }

    private Job queued(Job job, int attempt) {
        events.append(job, attempt, new Event.Queued(job.round()));
        return job;
    }

    /// Takes a submission, from whoever has it.
    ///
    /// @param job the verdict that is due
    /// @param worker who takes it
    /// @return what lets the worker write; empty if the verdict is there already
    public Optional<Claim> claim(Job job, String worker) {
        Optional<Claim> claim =
                database.sql(
                                "update submission set attempt = attempt + 1, tries = tries + 1"
                                        + " where id = ? and round = ? and judged < round"
                                        + " returning attempt, tries, problem, language, source")
                        .params(job.submission(), job.round())
                        .query((row, number) ->
                                new Claim(
                                        job,
                                        row.getInt(1),
                                        row.getInt(2),
                                        worker,
                                        new Submission(
                                                row.getString(3),
                                                row.getString(4),
                                                row.getString(5))))
                        .optional();
        claim.ifPresent(taken ->
                events.append(job, taken.attempt(), new Event.Started(taken.attempt(), worker)));
        return claim;
    }

    /// Tells of what happens while a submission is judged.
    ///
    /// @param claim who tells
    /// @param event what happens
    /// @throws SupersededException if another worker has taken the submission, or it is judged
    public void append(Claim claim, Event event) {
        change(claim, "attempt = attempt");
        events.append(claim.job(), claim.attempt(), event);
    }

    /// Tells of a test.
    ///
    /// @param claim who tells
    /// @param result what came of it
    /// @param tests how many tests the problem has
    /// @throws SupersededException if another worker has taken the submission, or it is judged
    public void append(Claim claim, TestResult result, int tests) {
        append(claim, Event.Tested.of(result, tests));
    }

    /// Gives the verdict.
    ///
    /// @param claim who gives it
    /// @param judgement what came of the submission
    /// @throws SupersededException if another worker has taken the submission, or it is judged
    public void judge(Claim claim, Judgement judgement) {
        change(claim, "judged = round, verdict = '" + judgement.verdict().name() + "'");
        events.append(claim.job(), claim.attempt(), Event.Judged.of(judgement, claim.worker()));
    }

    /// Gives a submission back that this worker can't judge now, which does not count as a try.
    ///
    /// @param claim who had it
    /// @param cause why, for those who wait
    /// @throws SupersededException if another worker has taken the submission, or it is judged
    public void giveBack(Claim claim, String cause) {
        change(claim, "tries = tries - 1");
        events.append(claim.job(), claim.attempt(), new Event.Retried(cause));
    }

    /// Tells that whoever had a submission has failed, and that others will try.
    ///
    /// @param job the verdict that is due
    /// @param cause what is known of the failure
    public void retry(Job job, String cause) {
        database.sql(
                        "select attempt from submission where id = ? and round = ?"
                                + " and judged < round for update")
                .params(job.submission(), job.round())
                .query(Integer.class)
                .optional()
                .ifPresent(attempt -> events.append(job, attempt, new Event.Retried(cause)));
    }

    /// Changes the row of a submission, which locks it until the end of the transaction.
    private void change(Claim claim, String assignment) {
        int rows =
                database.sql(
                                "update submission set "
                                        + assignment
                                        + " where id = ? and round = ? and attempt = ?"
                                        + " and judged < round")
                        .params(claim.job().submission(), claim.job().round(), claim.attempt())
                        .update();
        if (rows == 0) {
            throw new SupersededException(claim);
        }
    }

    /// {@return how many submissions wait for a verdict}
    @Transactional(readOnly = true)
    public long waiting() {
        return database.sql("select count(*) from submission where judged < round")
                .query(Long.class)
                .single();
    }

    /// {@return a submission}
    ///
    /// @param id its number
    @Transactional(readOnly = true)
    public Optional<StoredSubmission> find(long id) {
        return database.sql(COLUMNS + "where id = ?")
                .params(id)
                .query(StoredSubmission.class)
                .optional();
    }

    /// {@return the source of a submission}
    ///
    /// @param id its number
    @Transactional(readOnly = true)
    public Optional<String> source(long id) {
        return database.sql("select source from submission where id = ?")
                .params(id)
                .query(String.class)
                .optional();
    }

    /// {@return the submissions before one of them, newest first}
    ///
    /// @param before its number; [Long#MAX_VALUE] for the newest
    /// @param limit at most how many
    @Transactional(readOnly = true)
    public List<StoredSubmission> before(long before, int limit) {
        return database.sql(COLUMNS + "where id < ? order by id desc limit ?")
                .params(before, limit)
                .query(StoredSubmission.class)
                .list();
    }
}
