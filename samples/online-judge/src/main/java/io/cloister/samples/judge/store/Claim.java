package io.cloister.samples.judge.store;

import io.cloister.samples.judge.engine.Submission;

/// What lets a worker write about a submission, until another one takes it.
///
/// @param job which verdict is due
/// @param attempt the fencing token: higher than that of all who took the submission before
/// @param tries how many workers took it in this round, this one included
/// @param worker who took it
/// @param submission what is to be judged
public record Claim(Job job, int attempt, int tries, String worker, Submission submission) {}
