package io.cloister.samples.judge.work;

import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.TestResult;
import io.cloister.samples.judge.store.Claim;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.Submissions;

import org.jspecify.annotations.Nullable;

/// Writes down what the judge tells. A failure to do so ends the judging, also if the judge takes
/// it for a failure of its own.
final class Told implements Progress {
    private final Submissions submissions;
    private final Claim claim;
    private @Nullable RuntimeException failure;

    Told(Submissions submissions, Claim claim) {
        this.submissions = submissions;
        this.claim = claim;
    }

    @Override
    public void compiling() {
        write(() -> submissions.append(claim, new Event.Compiling()));
    }

    @Override
    public void compiled(boolean cached) {
        write(() -> submissions.append(claim, new Event.Compiled(cached)));
    }

    @Override
    public void tested(TestResult result, int tests) {
        write(() -> submissions.append(claim, result, tests));
    }

    private void write(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    /// Throws what a step threw.
    void check() {
        if (failure != null) {
            throw failure;
        }
    }
}
