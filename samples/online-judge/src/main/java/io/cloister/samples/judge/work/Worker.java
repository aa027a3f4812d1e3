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
import org.springframework.stereotype.Component;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Does one job after another: takes the submission, judges it, and writes down what happens.
///
/// A job may be done twice, by workers one of which was taken for dead; the verdict is given once.
@Component
public class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Judge judge;
    private final Submissions submissions;
    private final EventLog events;
    private final WorkerName name;
    private final int tries;

    /// What is to become of a job.
    enum End {
        /// There is a verdict.
        DONE,
        /// Another worker has the submission, and the job with it.
        LOST,
        /// This worker ends; another one shall do it.
        HANDED_BACK
    }

    Worker(
            Judge judge,
            Submissions submissions,
            EventLog events,
            WorkerName name,
            JudgeProperties properties) {
        this.judge = judge;
        this.submissions = submissions;
        this.events = events;
        this.name = name;
        this.tries = properties.tries();
    }

    /// Does a job.
    ///
    /// @throws RuntimeException if something fails that may work another time
    End work(Job job) {
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
            return End.DONE;
        } catch (InterruptedException e) {
            submissions.giveBack(claim, "the worker " + name.value() + " was stopped");
            LOG.info("submission {} is handed back", claim.job().submission());
            return End.HANDED_BACK;
        }
    }

    private Judgement givenUp(Job job) {
        String last =
                events.latest(job.submission(), Event.Retried.class)
                        .map(Event.Retried::cause)
                        .orElse("unknown");
        String cause = "given up after %d tries; the last one: %s".formatted(tries, last);
        LOG.error("submission {}: {}", job.submission(), cause);
        return new Judgement(Verdict.IE, cause, Duration.ZERO, 0, "", List.of());
    }
}
