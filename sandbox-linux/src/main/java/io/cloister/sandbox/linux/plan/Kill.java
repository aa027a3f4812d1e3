package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Outcome;

/// The JVM's record that it killed a run.
///
/// @param reason why
/// @param observed what it saw
public record Kill(Outcome reason, String observed) {}
