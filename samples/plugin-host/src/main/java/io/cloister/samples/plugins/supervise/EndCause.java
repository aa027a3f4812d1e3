package io.cloister.samples.plugins.supervise;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxResult;

import java.util.Optional;
import java.util.stream.Collectors;

/// Why a run of a plugin ended.
///
/// @param kind for programs
/// @param text for people: what happened, and from what that is known
public record EndCause(Kind kind, String text) {
    /// The exit code of a virtual machine whose heap is full, if it is to end then.
    private static final int FULL = 3;

    /// Why a run ended.
    public enum Kind {
        /// It ended by itself.
        EXITED,
        /// It died of a signal of its own.
        CRASHED,
        /// It reached a limit.
        LIMIT,
        /// It made a system call that ends the run.
        FORBIDDEN_CALL,
        /// It did not answer, or did not confirm that a call had ended.
        HUNG,
        /// It said what no honest plugin says.
        PROTOCOL,
        /// The host ended it, or could not start it.
        HOST
    }

    /// {@return the cause that the result of a run proves}
    ///
    /// @param killed why the host killed it, if it did; a run that ended before that has its own
    ///   cause
    /// @param result how the sandbox saw it end
    public static EndCause of(Optional<EndCause> killed, SandboxResult result) {
        String evidence =
                result.evidence().stream()
                        .map(Evidence::toString)
                        .collect(Collectors.joining(", "));
        return switch (result.outcome()) {
            case Outcome.Cancelled _ -> killed.orElse(new EndCause(Kind.HOST, "ended by the host"));
            case Outcome.Exited _ when killed.isPresent() -> killed.get();
            case Outcome.Exited(int code) when code == FULL ->
                    new EndCause(
                            Kind.EXITED,
                            "exit code 3, that of a virtual machine whose memory is full");
            case Outcome.Exited(int code) -> new EndCause(Kind.EXITED, "exit code " + code);
            case Outcome.Signalled(var signal) ->
                    new EndCause(Kind.CRASHED, "died of %s (%s)".formatted(signal, evidence));
            case Outcome.LimitReached(var limit) ->
                    new EndCause(Kind.LIMIT, "%s limit reached (%s)".formatted(limit, evidence));
            case Outcome.PolicyViolated(String call) ->
                    new EndCause(
                            Kind.FORBIDDEN_CALL,
                            "forbidden system call %s (%s)".formatted(call, evidence));
        };
    }
}
