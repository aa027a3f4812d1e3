/// Learns which policy a program needs, by running it and answering each of its system calls.
///
/// The entry type is [io.cloister.sandbox.learn.Learning]. What it makes is a
/// [io.cloister.sandbox.learn.Learned]: the policy as a value, as JSON and as Java, and the source
/// of a test that it still fits.
@NullMarked
package io.cloister.sandbox.learn;

import org.jspecify.annotations.NullMarked;
