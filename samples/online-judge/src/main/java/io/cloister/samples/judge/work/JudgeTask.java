package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.DeadExecutionHandler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;

import io.cloister.samples.judge.store.Job;
import io.cloister.samples.judge.store.Submissions;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.time.Instant;

/// The kind of job that db-scheduler keeps: what is done, and what follows when that fails.
@Configuration(proxyBeanMethods = false)
class JudgeTask {
    static final TaskDescriptor<Job> KIND = TaskDescriptor.of("judge", Job.class);

    /// How much longer each pause after a failure is than the one before.
    private static final double LONGER = 4;

    /// When a job that this worker can't do is looked at again, by whomever.
    private static final Duration LATER = Duration.ofSeconds(5);

    private static final Duration SOON = Duration.ofSeconds(1);

    @Bean
    Task<Job> task(
            ObjectProvider<Worker> worker, Submissions submissions, JudgeProperties properties) {
        return Tasks.custom(KIND)
                .onFailure(failed(submissions, properties.pause()))
                .onDeadExecution(dead(submissions))
                .execute((instance, context) -> after(worker.getObject().work(instance.getData())));
    }

    private static CompletionHandler<Job> after(Worker.End end) {
        return switch (end) {
            case DONE -> new CompletionHandler.OnCompleteRemove<>();
            case HANDED_BACK -> (done, job) -> job.reschedule(done, Instant.now().plus(SOON));
            case NOT_HERE -> (done, job) -> job.reschedule(done, Instant.now().plus(LATER));
            case LOST -> (done, job) -> {};
        };
    }

    /// What was thrown is for the log, which db-scheduler writes: it may name paths of this host.
    private static FailureHandler<Job> failed(Submissions submissions, Duration pause) {
        FailureHandler<Job> later =
                new FailureHandler.ExponentialBackoffFailureHandler<>(pause, LONGER);
        return (failed, job) -> {
            later.onFailure(failed, job);
            submissions.retry(
                    (Job) failed.getExecution().taskInstance.getData(),
                    "the worker %s has failed; its log says why"
                            .formatted(failed.getExecution().pickedBy));
        };
    }

    /// The next worker gets a higher number when it takes the submission; until then the lost one
    /// may still turn up with the verdict.
    private static DeadExecutionHandler<Job> dead(Submissions submissions) {
        return (lost, job) -> {
            job.reschedule(lost, Instant.now());
            submissions.retry(
                    (Job) lost.getExecution().taskInstance.getData(),
                    "the worker %s has fallen silent".formatted(lost.getExecution().pickedBy));
        };
    }
}
