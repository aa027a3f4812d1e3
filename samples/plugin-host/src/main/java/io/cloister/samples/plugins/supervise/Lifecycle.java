package io.cloister.samples.plugins.supervise;

import java.time.Duration;
import java.time.Instant;

/// What becomes of a plugin: a function from its state and what happens to the next state.
public final class Lifecycle {
    private Lifecycle() {}

    /// Where a plugin is.
    public sealed interface State {}

    /// It is to be started, and can't be called yet.
    ///
    /// @param failures how many there were one after the other
    public record Starting(int failures) implements State {}

    /// It can be called.
    ///
    /// @param failures how many there were one after the other before
    /// @param since when it could first be called
    public record Running(int failures, Instant since) implements State {}

    /// It has ended and is restarted later.
    ///
    /// @param failures how many there were one after the other
    /// @param until when it is restarted
    /// @param cause of its end
    public record Waiting(int failures, Instant until, String cause) implements State {}

    /// It has ended too often.
    ///
    /// @param failures how many there were one after the other
    /// @param cause of its last end
    public record GivenUp(int failures, String cause) implements State {}

    /// The host has ended it.
    public record Stopped() implements State {}

    /// What happens to a plugin.
    public sealed interface Happening {
        /// It can be called.
        ///
        /// @param at when
        record Ready(Instant at) implements Happening {}

        /// It has ended, for whatever reason: a plugin has none to end.
        ///
        /// @param at when
        /// @param cause in words
        record Ended(Instant at, String cause) implements Happening {}

        /// The time to wait may be over.
        ///
        /// @param at what time it is
        record Tick(Instant at) implements Happening {}

        /// The host ends it.
        record Stop() implements Happening {}
    }

    /// {@return the next state; the same one if that can't happen in it}
    ///
    /// @param state where it is
    /// @param happening what happens
    /// @param policy how it is restarted
    public static State next(State state, Happening happening, RestartPolicy policy) {
        return switch (happening) {
            case Happening.Stop() -> new Stopped();
            case Happening.Ready(Instant at) when state instanceof Starting(int failures) ->
                    new Running(failures, at);
            case Happening.Tick(Instant at)
                    when state instanceof Waiting(int failures, Instant until, _)
                            && !at.isBefore(until) ->
                    new Starting(failures);
            case Happening.Ended(Instant at, String cause) ->
                    switch (state) {
                        case Starting(int failures) -> failed(failures + 1, at, cause, policy);
                        case Running(int failures, Instant since) -> {
                            boolean healthy =
                                    Duration.between(since, at).compareTo(policy.healthy()) >= 0;
                            yield failed(healthy ? 1 : failures + 1, at, cause, policy);
                        }
                        case Waiting _, GivenUp _, Stopped _ -> state;
                    };
            case Happening.Ready _, Happening.Tick _ -> state;
        };
    }

    private static State failed(int failures, Instant at, String cause, RestartPolicy policy) {
        return failures >= policy.attempts()
                ? new GivenUp(failures, cause)
                : new Waiting(failures, at.plus(policy.delay(failures)), cause);
    }
}
