package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.Signal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// How commands of one kind go. The program is as good as started at once, writes what it writes,
/// and ends when its time is over. Not thread-safe; see [FakeSandbox#builder()].
public final class FakeRule {
    private final FakeSandbox.Builder builder;
    private final Predicate<? super Command> condition;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final Map<SandboxPath, byte[]> files = new LinkedHashMap<>();
    private Optional<Outcome> outcome = Optional.of(new Outcome.Exited(0));
    private Optional<Function<byte[], byte[]>> answer = Optional.empty();
    private Optional<Supplier<? extends SandboxException>> failure = Optional.empty();
    private Duration after = Duration.ZERO;
    private UnaryOperator<ResourceUsage.Builder> usage = UnaryOperator.identity();
    private int times = Integer.MAX_VALUE;

    FakeRule(FakeSandbox.Builder builder, Predicate<? super Command> condition) {
        this.builder = builder;
        this.condition = condition;
    }

    /// The command ends by itself.
    ///
    /// @param code its exit code, 0 to 255
    /// @return this rule
    public FakeRule exits(int code) {
        return ends(new Outcome.Exited(code));
    }

    /// A signal ends the command.
    ///
    /// @param signal the signal
    /// @return this rule
    public FakeRule diesOf(Signal signal) {
        return ends(new Outcome.Signalled(signal));
    }

    /// A limit ends the run. In a session, one on memory or processes ends the session with it,
    /// unless the command has that limit for itself.
    ///
    /// @param limit the limit
    /// @return this rule
    public FakeRule limitReached(Limit limit) {
        return ends(new Outcome.LimitReached(limit));
    }

    /// A forbidden system call ends the run.
    ///
    /// @param call as [Outcome.PolicyViolated#call()] has it
    /// @return this rule
    public FakeRule policyViolated(String call) {
        return ends(new Outcome.PolicyViolated(call));
    }

    /// The run ends in this way.
    ///
    /// @param outcome the way
    /// @return this rule
    public FakeRule ends(Outcome outcome) {
        this.outcome = Optional.of(outcome);
        return this;
    }

    /// The command goes on until it is killed, or until its limit on wall time.
    ///
    /// @return this rule
    public FakeRule goesOn() {
        outcome = Optional.empty();
        return this;
    }

    /// The command cannot be started.
    ///
    /// @param failure makes what is thrown, such as a [io.cloister.sandbox.SandboxLaunchException]
    /// @return this rule
    public FakeRule fails(Supplier<? extends SandboxException> failure) {
        this.failure = Optional.of(failure);
        return this;
    }

    /// Adds to what the command writes to standard output.
    ///
    /// @param text the text, with its newlines
    /// @return this rule
    public FakeRule prints(String text) {
        return prints(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Adds to what the command writes to standard output.
    ///
    /// @param bytes the bytes; they are copied
    /// @return this rule
    public FakeRule prints(byte[] bytes) {
        stdout.writeBytes(bytes);
        return this;
    }

    /// Adds to what the command writes to standard error.
    ///
    /// @param text the text, with its newlines
    /// @return this rule
    public FakeRule complains(String text) {
        stderr.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// The command reads its standard input to the end and then prints what comes of it, before
    /// what [#prints(String)] says.
    ///
    /// @param answer makes what it prints of what it has read
    /// @return this rule
    public FakeRule answers(UnaryOperator<String> answer) {
        Objects.requireNonNull(answer, "answer");
        this.answer =
                Optional.of(input ->
                        answer.apply(new String(input, StandardCharsets.UTF_8))
                                .getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// The command writes a file, with the directories on the way to it, where the policy lets it
    /// write. In a session it can be read there then.
    ///
    /// @param path an absolute path inside
    /// @param content the content
    /// @return this rule
    public FakeRule writes(String path, String content) {
        files.put(SandboxPath.of(path), content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// The command ends this long after its start, in real time. The default is at once.
    ///
    /// @param time how long it runs
    /// @return this rule
    /// @throws IllegalArgumentException if it is negative
    public FakeRule after(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time must be >= 0, was " + time);
        }
        after = time;
        return this;
    }

    /// Sets what it uses. By default nothing is known but the wall time, which is real.
    ///
    /// @param usage completes it
    /// @return this rule
    public FakeRule uses(UnaryOperator<ResourceUsage.Builder> usage) {
        this.usage = Objects.requireNonNull(usage, "usage");
        return this;
    }

    /// The rule is for so many commands only; later ones are left to the rules after it.
    ///
    /// @param count how many, > 0
    /// @return this rule
    /// @throws IllegalArgumentException if it is not positive
    public FakeRule times(int count) {
        if (count <= 0) {
            throw new IllegalArgumentException("count must be > 0, was " + count);
        }
        times = count;
        return this;
    }

    /// Begins the next rule; see [FakeSandbox.Builder#when(Predicate)].
    ///
    /// @param command says which commands it is for
    /// @return the next rule
    public FakeRule when(Predicate<? super Command> command) {
        return builder.when(command);
    }

    /// Begins the next rule; see [FakeSandbox.Builder#when(String, String...)].
    ///
    /// @param program the program
    /// @param arguments its first arguments
    /// @return the next rule
    public FakeRule when(String program, String... arguments) {
        return builder.when(program, arguments);
    }

    /// Begins the last rule; see [FakeSandbox.Builder#otherwise()].
    ///
    /// @return the next rule
    public FakeRule otherwise() {
        return builder.otherwise();
    }

    /// {@return the fake, with all rules}
    public FakeSandbox build() {
        return builder.build();
    }

    Scripted scripted() {
        return new Scripted(
                condition,
                new AtomicInteger(times),
                outcome,
                failure,
                stdout.toByteArray(),
                stderr.toByteArray(),
                answer,
                Map.copyOf(files),
                after,
                usage);
    }
}
