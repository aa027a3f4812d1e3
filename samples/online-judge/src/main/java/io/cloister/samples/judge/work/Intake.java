package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.SchedulerClient;

import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.store.Channel;
import io.cloister.samples.judge.store.Job;
import io.cloister.samples.judge.store.Notifications;
import io.cloister.samples.judge.store.Submissions;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import java.time.Instant;
import java.util.Optional;

/// Takes submissions in: each with its job, or neither.
@Service
@Transactional
public class Intake {
    private final Submissions submissions;
    private final SchedulerClient jobs;
    private final JdbcClient database;
    private final long most;

    Intake(
            Submissions submissions,
            SchedulerClient jobs,
            JdbcClient database,
            JudgeProperties properties) {
        this.submissions = submissions;
        this.jobs = jobs;
        this.database = database;
        this.most = properties.waiting();
    }

    /// Stores a submission, to be judged as soon as a worker is free.
    ///
    /// @param submission what was sent
    /// @return its number
    /// @throws QueueFullException if too many wait already
    public long submit(Submission submission) {
        if (submissions.waiting() >= most) {
            throw new QueueFullException(most);
        }
        Job job = submissions.add(submission);
        schedule(job, Urgency.SUBMISSION);
        return job.submission();
    }

    /// Has a submission judged again, when there is nothing more urgent.
    ///
    /// @param id its number
    /// @return whether it is; not if a verdict is due already, or there is no such submission
    public boolean rejudge(long id) {
        Optional<Job> job = submissions.reopen(id);
        job.ifPresent(due -> schedule(due, Urgency.REJUDGE));
        return job.isPresent();
    }

    private void schedule(Job job, Urgency urgency) {
        jobs.scheduleIfNotExists(
                JudgeTask.KIND
                        .instance(job.submission() + "-" + job.round())
                        .data(job)
                        .priority(urgency.priority())
                        .build(),
                Instant.now());
        Notifications.send(database, Channel.JOBS, "");
    }
}
