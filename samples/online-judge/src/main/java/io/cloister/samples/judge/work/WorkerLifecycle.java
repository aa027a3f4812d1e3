package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerStarter;

import io.cloister.samples.judge.store.Channel;
import io.cloister.samples.judge.store.Notifications;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// Starts to judge when all else is there. When the JVM ends it takes no more jobs, waits a while
/// for those that it has, and hands the rest back.
///
/// It stops before the sandboxes, which would refuse the next test of a submission. Their phase is
/// below that of web servers; this one is the highest.
@Component
class WorkerLifecycle implements SmartLifecycle, DbSchedulerStarter {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLifecycle.class);
    private static final long HANDING_BACK_SECONDS = 5;

    private final Scheduler scheduler;
    private final ExecutorService threads;
    private final Notifications notifications;
    private final JudgeProperties properties;
    private volatile boolean running;
    private boolean resting;

    WorkerLifecycle(
            Scheduler scheduler,
            WorkerThreads threads,
            Notifications notifications,
            JudgeProperties properties) {
        this.scheduler = scheduler;
        this.threads = threads.executor();
        this.notifications = notifications;
        this.properties = properties;
    }

    /// Called by nobody: the context starts it.
    @Override
    public void doStart() {
        start();
    }

    @Override
    public void start() {
        if (properties.role() == JudgeProperties.Role.SERVER) {
            return;
        }
        notifications.listen(Channel.JOBS, "", scheduler::triggerCheckForDueExecutions);
        scheduler.start();
        running = true;
    }

    /// Takes no jobs for a while, which leaves them to others. After that one that fails is enough
    /// for another rest.
    synchronized void rest() {
        if (!running || resting) {
            return;
        }
        LOG.error("this worker fails at everything; it takes no jobs for {}", properties.rest());
        resting = true;
        scheduler.pause();
        Thread.startVirtualThread(this::resume);
    }

    private void resume() {
        try {
            Thread.sleep(properties.rest());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            resting = false;
            if (running) {
                scheduler.resume();
            }
        }
    }

    private synchronized void takeNoMore() {
        running = false;
        scheduler.pause();
    }

    @Override
    public void stop() {
        takeNoMore();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(properties.grace().toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("handing back what is not judged after {} of waiting", properties.grace());
                threads.shutdownNow();
                threads.awaitTermination(HANDING_BACK_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
