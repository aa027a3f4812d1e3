package io.cloister.samples.judge.engine;

/// Is told what happens to a submission, while it happens.
public interface Progress {
    /// The compiler starts.
    void compiling();

    /// The compiler has ended, with or without success.
    ///
    /// @param cached whether the same source had been compiled before, so that nothing was to do
    void compiled(boolean cached);

    /// A test is over.
    ///
    /// @param result what came of it
    /// @param tests how many tests the problem has
    void tested(TestResult result, int tests);

    /// {@return one that nobody listens to}
    static Progress silent() {
        return new Progress() {
            @Override
            public void compiling() {}

            @Override
            public void compiled(boolean cached) {}

            @Override
            public void tested(TestResult result, int tests) {}
        };
    }
}
