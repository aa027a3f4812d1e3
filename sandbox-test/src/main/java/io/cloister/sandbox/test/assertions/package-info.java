/// Assertions on results, which say how a run ended and what it wrote where one fails.
///
/// The entry is [SandboxAssertions]. It knows the API and AssertJ alone.
@NullMarked
package io.cloister.sandbox.test.assertions;

import org.jspecify.annotations.NullMarked;
