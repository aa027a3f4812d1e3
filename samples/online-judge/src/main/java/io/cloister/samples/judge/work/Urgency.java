package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.task.Priority;

/// Which jobs come first.
public enum Urgency {
    /// Somebody waits for the verdict.
    SUBMISSION(Priority.HIGH),
    /// The verdict is known, and may turn out to be another one.
    REJUDGE(Priority.LOW);

    private final int priority;

    Urgency(int priority) {
        this.priority = priority;
    }

    int priority() {
        return priority;
    }
}
