package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxPath;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A rule as it stands: see [FakeRule]. Only the count of the commands that it still takes changes.
///
/// @param outcome how the command ends; empty: it goes on until it is killed
record Scripted(
        Predicate<? super Command> condition,
        AtomicInteger left,
        Optional<Outcome> outcome,
        Optional<Supplier<? extends SandboxException>> failure,
        byte[] stdout,
        byte[] stderr,
        Optional<Function<byte[], byte[]>> answer,
        Map<SandboxPath, byte[]> files,
        Duration after,
        UnaryOperator<ResourceUsage.Builder> usage) {

    /// Whether it is for the command, which it takes then.
    boolean takes(Command command) {
        return condition.test(command) && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }
}
