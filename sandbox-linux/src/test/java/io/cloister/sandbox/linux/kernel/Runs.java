package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Runs commands, and asserts on how they ended.
final class Runs extends AbstractAssert<Runs, SandboxResult> {

    private Runs(SandboxResult actual) {
        super(actual, Runs.class);
    }

    /// One run in a sandbox of its own.
    static SandboxResult run(Sandbox.Builder builder, Command command) {
        try (Sandbox sandbox = builder.build()) {
            return sandbox.run(command);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// One run in a sandbox of its own.
    static SandboxResult run(Sandbox.Builder builder, String program, String... arguments) {
        return run(builder, Command.of(program, arguments));
    }

    /// A shell command in a sandbox of its own.
    static SandboxResult shell(Sandbox.Builder builder, String script) {
        return run(builder, Command.of("/bin/sh", "-c", script));
    }

    /// What a shell command prints, which must succeed.
    static String printed(Sandbox.Builder builder, String script) {
        SandboxResult result = shell(builder, script);
        assertThat(result).exited(0);
        return result.stdoutText();
    }

    static Runs assertThat(SandboxResult result) {
        return new Runs(result);
    }

    Runs exited(int code) {
        return ended(new Outcome.Exited(code));
    }

    /// The victim's act failed with this error.
    Runs failedWith(Errno errno) {
        return exited(errno.number());
    }

    Runs signalled(Signal signal) {
        return ended(new Outcome.Signalled(signal));
    }

    Runs reached(Limit limit) {
        return ended(new Outcome.LimitReached(limit));
    }

    Runs violatedThePolicy() {
        if (!(actual.outcome() instanceof Outcome.PolicyViolated)) {
            failWithMessage("expected a violation, but %s", description());
        }
        return this;
    }

    Runs cancelled() {
        if (!(actual.outcome() instanceof Outcome.Cancelled)) {
            failWithMessage("expected a cancelled run, but %s", description());
        }
        return this;
    }

    Runs printed(String text) {
        Assertions.assertThat(actual.stdoutText()).as(this::description).isEqualTo(text);
        return this;
    }

    AbstractStringAssert<?> text() {
        return Assertions.assertThat(actual.stdoutText()).as(this::description);
    }

    private Runs ended(Outcome outcome) {
        if (!actual.outcome().equals(outcome)) {
            failWithMessage("expected %s, but %s", outcome, description());
        }
        return this;
    }

    private String description() {
        return "it was %s%n  stdout: %s%n  stderr: %s"
                .formatted(
                        actual.outcome(),
                        shortened(actual.stdoutText()),
                        shortened(actual.stderrText()));
    }

    private static String shortened(String text) {
        return text.length() > 500 ? text.substring(0, 500) + "..." : text;
    }

    /// The launch fails in this step with this error.
    static void assertLaunchFails(SetupStep step, Errno errno, ThrowingCallable launch) {
        Assertions.assertThatThrownBy(launch)
                .isInstanceOfSatisfying(
                        SandboxLaunchException.class,
                        e -> {
                            Assertions.assertThat(e.errnoName())
                                    .as(e.getMessage())
                                    .isEqualTo(errno.name());
                            Assertions.assertThat(e.step()).as(e.getMessage()).isEqualTo(step);
                        });
    }
}
