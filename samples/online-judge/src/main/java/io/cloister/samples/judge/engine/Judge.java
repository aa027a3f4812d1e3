package io.cloister.samples.judge.engine;

import java.util.Set;

/// Judges submissions. Safe for use by several threads at once.
public interface Judge {

    /// Compiles a submission, runs it on the tests of its problem in their order until one fails,
    /// and says what came of it.
    ///
    /// A fault of the problem, such as a validator that cannot be compiled, is the verdict
    /// [Verdict#IE] with its cause: it would be the same everywhere. A fault of the host, such as a
    /// full disk or a sandbox that it refuses, is an exception: it may work later, or on another
    /// host.
    ///
    /// Causes of secret tests tell nothing that a program wrote, since that may be the test.
    ///
    /// @param submission what is judged
    /// @param progress is told of each step, on the calling thread
    /// @return the verdict with its reasons
    /// @throws IllegalArgumentException if there is no such problem or language
    /// @throws HostFaultException if this host could not do it
    /// @throws InterruptedException if the calling thread is interrupted; nothing goes on running
    Judgement judge(Submission submission, Progress progress) throws InterruptedException;

    /// {@return the short names of all problems}
    Set<String> problems();

    /// {@return the ids of all languages}
    Set<String> languages();
}
