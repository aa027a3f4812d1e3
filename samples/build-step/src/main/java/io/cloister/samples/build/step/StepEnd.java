package io.cloister.samples.build.step;

import java.util.List;

/// How a step ended.
public sealed interface StepEnd {

    /// {@return whether its outputs are there}
    default boolean isSuccess() {
        return this instanceof Made || this instanceof Restored;
    }

    /// It ran, and its outputs are there.
    ///
    /// @param dropped what it made and had not declared
    record Made(List<String> dropped) implements StepEnd {}

    /// The outputs of an earlier run are there.
    record Restored() implements StepEnd {}

    /// It did not make what it should.
    ///
    /// @param why for people
    record Failed(String why) implements StepEnd {}

    /// A step that it needs has failed.
    ///
    /// @param need its name
    record Skipped(String need) implements StepEnd {}
}
