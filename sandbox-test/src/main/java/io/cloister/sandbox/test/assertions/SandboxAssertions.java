package io.cloister.sandbox.test.assertions;

import io.cloister.sandbox.SandboxResult;

/// Where assertions begin, for a static import beside that of AssertJ.
///
/// {@snippet :
/// assertThat(sandbox.run("cc", "-c", "main.c")).exitedWith(0).complainedNothing();
/// }
public final class SandboxAssertions {
    private SandboxAssertions() {}

    /// {@return assertions on how a run ended}
    ///
    /// @param actual the result of the run
    public static SandboxResultAssert assertThat(SandboxResult actual) {
        return new SandboxResultAssert(actual);
    }
}
