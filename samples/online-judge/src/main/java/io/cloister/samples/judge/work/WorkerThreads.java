package io.cloister.samples.judge.work;

import org.springframework.stereotype.Component;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The threads that judge.
@Component
final class WorkerThreads {
    private final ExecutorService executor;

    WorkerThreads(JudgeProperties properties) {
        executor =
                Executors.newFixedThreadPool(
                        properties.threads(), Thread.ofVirtual().name("judge-", 1).factory());
    }

    ExecutorService executor() {
        return executor;
    }
}
