package io.cloister.sandbox;

import java.time.Duration;
import java.util.Objects;

/// How long the phases took from the request of a run to the execution of its program, in order.
///
/// @param prepare opening streams, reserving limits and sending the request
/// @param create making the first process, with its namespaces and control group
/// @param isolate mounts, network, identity, limits and the filter, up to the last step
/// @param execute executing the program
public record SetUpTimes(Duration prepare, Duration create, Duration isolate, Duration execute) {
    /// Refuses null.
    public SetUpTimes {
        Objects.requireNonNull(prepare, "prepare");
        Objects.requireNonNull(create, "create");
        Objects.requireNonNull(isolate, "isolate");
        Objects.requireNonNull(execute, "execute");
    }

    /// {@return all phases together}
    public Duration total() {
        return prepare.plus(create).plus(isolate).plus(execute);
    }

    /// The phases and all together, for people.
    @Override
    public String toString() {
        return "SetUpTimes[prepare %s, create %s, isolate %s, execute %s, total %s]"
                .formatted(
                        Units.showDuration(prepare),
                        Units.showDuration(create),
                        Units.showDuration(isolate),
                        Units.showDuration(execute),
                        Units.showDuration(total()));
    }
}
