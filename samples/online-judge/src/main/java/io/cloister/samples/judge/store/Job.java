package io.cloister.samples.judge.store;

/// A verdict that somebody asked for.
///
/// @param submission the number of the submission
/// @param round how often one was asked for
public record Job(long submission, int round) {}
