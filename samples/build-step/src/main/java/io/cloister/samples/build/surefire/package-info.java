/// A `java` for Surefire and Failsafe that runs the tests in a sandbox, and names what they tried.
///
/// The entry type is [io.cloister.samples.build.surefire.SandboxedJava]. What is decided is decided
/// by values: [io.cloister.samples.build.surefire.Invocation] says what was called,
/// [io.cloister.samples.build.surefire.Watched] which calls are asked about,
/// [io.cloister.samples.build.surefire.TestPolicy] what is shown.
@NullMarked
package io.cloister.samples.build.surefire;

import org.jspecify.annotations.NullMarked;
