package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.DeadExecutionHandler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;

import io.cloister.samples.judge.store.Job;
import io.cloister.samples.judge.store.Submissions;
import io.cloister.sandbox.VisibleText;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.time.Instant;

/// The kind of job that db-scheduler keeps: what is done, and what follows when that fails.
@Configuration(proxyBeanMethods = false)
class JudgeTask {
    static final TaskDescriptor<Job> KIND = TaskDescriptor.of("judge", Job.class);

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int LONGEST_CAUSE = 500;

    @Bean
    Task<Job> task(ObjectProvider<Worker> worker, Submissions submissions) {
        return Tasks.custom(KIND)
                .onFailure(failed(submissions))
                .onDeadExecution(dead(submissions))
                .execute((instance, context) -> after(worker.getObject().work(instance.getData())));
    }

    private static CompletionHandler<Job> after(Worker.End end) {
        return switch (end) {
            case DONE -> new CompletionHandler.OnCompleteRemove<>();
            case HANDED_BACK -> (done, job) -> job.reschedule(done, Instant.now());
            case LOST -> (done, job) -> {};
        };
    }

    private static FailureHandler<Job> failed(Submissions submissions) {
        return (failed, job) -> {
            job.reschedule(failed, Instant.now().plus(PAUSE));
            submissions.retry(
                    (Job) failed.getExecution().taskInstance.getData(),
                    VisibleText.line(
                            failed.getCause().map(Throwable::toString).orElse("unknown"),
                            LONGEST_CAUSE));
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
