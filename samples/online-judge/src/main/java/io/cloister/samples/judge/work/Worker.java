package io.cloister.samples.judge.work;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.Claim;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.Job;
import io.cloister.samples.judge.store.Submissions;
import io.cloister.samples.judge.store.SupersededException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Profile;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Does one job after another: takes the submission, judges it, and writes down what happens.
///
/// A job may be done twice, by workers one of which was taken for dead; the verdict is given once.
@Component
@Profile("!server")
public class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Judge judge;
    private final Submissions submissions;
    private final EventLog events;
    private final WorkerName name;
    private final WorkerHealthIndicator health;
    private final WorkerLifecycle lifecycle;
    private final Catalogue catalogue;
    private final int tries;

    /// What is to become of a job.
    enum End {
        /// There is a verdict.
        DONE,
        /// Another worker has the submission, and the job with it.
        LOST,
        /// This worker ends, or has lost the database; somebody shall do it soon.
        HANDED_BACK,
        /// This worker does not know the problem or the language.
        NOT_HERE
    }

    Worker(
            Judge judge,
            Submissions submissions,
            EventLog events,
            WorkerName name,
            WorkerHealthIndicator health,
            WorkerLifecycle lifecycle,
            Catalogue catalogue,
            JudgeProperties properties) {
        this.judge = judge;
        this.submissions = submissions;
        this.events = events;
        this.name = name;
        this.health = health;
        this.lifecycle = lifecycle;
        this.catalogue = catalogue;
        this.tries = properties.tries();
    }

    /// Does a job.
    ///
    /// @throws RuntimeException if something fails that may work another time
    End work(Job job) {
        if (!canJudge(job)) {
            return End.NOT_HERE;
        }
        Optional<Claim> claim = submissions.claim(job, name.value());
        if (claim.isEmpty()) {
            LOG.info("submission {} is judged already", job.submission());
            return End.DONE;
        }
        try {
            return work(claim.get());
        } catch (SupersededException e) {
            LOG.info("{}", e.getMessage());
            return End.LOST;
        }
    }

    /// Servers know what there is on their host, or was when it came; this one may lack it.
    private boolean canJudge(Job job) {
        boolean can =
                submissions
                        .find(job.submission())
                        .filter(stored ->
                                !catalogue.problems().contains(stored.problem())
                                        || !catalogue.languages().contains(stored.language()))
                        .isEmpty();
        if (!can) {
            LOG.warn("submission {} waits for a worker that knows more", job.submission());
        }
        return can;
    }

    private End work(Claim claim) {
        if (claim.tries() > tries) {
            submissions.judge(claim, givenUp(claim.job()));
            return End.DONE;
        }
        Told told = new Told(submissions, claim);
        try {
            Judgement judgement = judge.judge(claim.submission(), told);
            told.check();
            submissions.judge(claim, judgement);
            LOG.info("submission {}: {}", claim.job().submission(), judgement.verdict());
            health.worked();
            return End.DONE;
        } catch (SupersededException e) {
            throw e;
        } catch (InterruptedException e) {
            return handedBack(claim);
        } catch (RuntimeException e) {
            // What this thread was interrupted in fails in many ways.
            if (Thread.currentThread().isInterrupted()) {
                return handedBack(claim);
            }
            if (isOfDatabase(e)) {
                LOG.warn("submission {} is handed back", claim.job().submission(), e);
                submissions.giveBack(claim, "the worker " + name.value() + " lost the database");
                return End.HANDED_BACK;
            }
            if (health.failed()) {
                lifecycle.rest();
            }
            throw e;
        }
    }

    private End handedBack(Claim claim) {
        // Else the database would be interrupted too.
        Thread.interrupted();
        submissions.giveBack(claim, "the worker " + name.value() + " was stopped");
        LOG.info("submission {} is handed back", claim.job().submission());
        return End.HANDED_BACK;
    }

    /// Whether the database was not there or too busy. All else, such as text that it does not
    /// take, would come again.
    private static boolean isOfDatabase(RuntimeException e) {
        return e instanceof TransactionException
                || e instanceof TransientDataAccessException
                || e instanceof RecoverableDataAccessException
                || e instanceof DataAccessResourceFailureException;
    }

    private Judgement givenUp(Job job) {
        String last = events.retried(job.submission()).map(Event.Retried::cause).orElse("unknown");
        String cause = "given up after %d tries; the last one: %s".formatted(tries, last);
        LOG.error("submission {}: {}", job.submission(), cause);
        return new Judgement(Verdict.IE, cause, Duration.ZERO, 0, "", List.of());
    }
}
