package io.cloister.samples.cli;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the command line says of a run, without the name in front.
final class Messages {
    private static final Pattern CALL =
            Pattern.compile("call bestEffort\\(LimitItem\\.([A-Z_]+)\\)");

    private Messages() {}

    /// What is to be said of an end, and from what it is known; nothing where the exit status says
    /// it all.
    static Optional<String> of(Outcome outcome, ResourceLimits limits, List<Evidence> evidence) {
        return end(outcome, limits).map(text -> text + proof(evidence));
    }

    private static String proof(List<Evidence> evidence) {
        return evidence.isEmpty()
                ? ""
                : evidence.stream()
                        .map(Evidence::toString)
                        .collect(Collectors.joining(", ", " (", ")"));
    }

    private static Optional<String> end(Outcome outcome, ResourceLimits limits) {
        return switch (outcome) {
            case Outcome.LimitReached(Limit limit) ->
                    Optional.of(
                            limit
                                    + value(limit, limits)
                                            .map(v -> " limit of " + v)
                                            .orElse(" limit")
                                    + " reached");
            case Outcome.PolicyViolated(String call) ->
                    Optional.of("forbidden system call: " + call);
            case Outcome.Exited _, Outcome.Signalled _, Outcome.Cancelled _ -> Optional.empty();
        };
    }

    private static Optional<String> value(Limit limit, ResourceLimits limits) {
        return switch (limit) {
            case WALL_TIME -> limits.wallTime().map(Units::formatDuration);
            case CPU_TIME ->
                    limits.cpuTime()
                            .map(Units::formatDuration)
                            .or(() -> soft(limits, Rlimit.CPU).map(seconds -> seconds + "s"));
            case MEMORY -> limits.memory().map(Bytes::toString);
            case PIDS -> limits.pids().map(String::valueOf);
            case OUTPUT -> limits.output().map(Bytes::toString);
            case IDLE -> limits.idleTime().map(Units::formatDuration);
            // One of several: a file system of the sandbox, or the size of a file.
            case DISK -> Optional.empty();
        };
    }

    private static Optional<Long> soft(ResourceLimits limits, Rlimit limit) {
        return Optional.ofNullable(limits.rlimits().get(limit))
                .map(RlimitValue::soft)
                .filter(value -> value >= 0);
    }

    /// What is to be said of a failure.
    static String of(Throwable failure) {
        return switch (failure) {
            case SandboxException e -> text(e);
            case IllegalArgumentException e -> text(e);
            case UncheckedIOException e -> text(e) + ": " + reason(e.getCause());
            case IOException e -> reason(e);
            case LinkageError e -> "the library cannot be used here: " + text(rootOf(e));
            default -> "unexpected: " + failure;
        };
    }

    /// The reason alone; the caller has named the file.
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            default -> text(e);
        };
    }

    private static String text(Throwable failure) {
        return inItsOwnWords(
                Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString));
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /// A remedy as this program's users give it.
    private static String inItsOwnWords(String message) {
        return CALL.matcher(message)
                .replaceAll(
                        call -> "add --best-effort " + LimitItem.valueOf(call.group(1)).label());
    }
}
