/// An extension of JUnit Jupiter, from 5.13 on: sandboxes as parameters of tests, tests that are
/// skipped where the host cannot run them, and failures that tell what was run.
///
/// The entry is [SandboxTest].
@NullMarked
package io.cloister.sandbox.test.junit;

import org.jspecify.annotations.NullMarked;
