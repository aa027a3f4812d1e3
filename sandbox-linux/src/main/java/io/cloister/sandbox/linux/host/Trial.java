package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.time.Duration;
import java.util.Locale;

/// How it went to really run something under the strictest policy: the proof, where all other
/// findings are evidence.
///
/// @param passed whether it ran
/// @param detail how long it took, or why it did not run
/// @param remedy what to do about that; may be empty
/// @param refused whether the JVM refused native access
record Trial(boolean passed, String detail, String remedy, boolean refused) {

    private static final String PROGRAM = "true";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// Runs it; never fails.
    static Trial run(SandboxProvider provider) {
        SandboxSpec spec = Sandbox.builder().wallTimeLimit(PATIENCE).spec();
        try (SandboxBackend backend = provider.open(spec, SyscallHandlers.none())) {
            long before = System.nanoTime();
            Outcome first = launch(backend);
            long between = System.nanoTime();
            Outcome second = launch(backend);
            long after = System.nanoTime();
            if (!first.isSuccess() || !second.isSuccess()) {
                Outcome bad = first.isSuccess() ? second : first;
                return failed("`%s` ended with %s".formatted(PROGRAM, bad), "");
            }
            return new Trial(
                    true,
                    "ran `%s` in %s, and again in %s"
                            .formatted(PROGRAM, millis(between - before), millis(after - between)),
                    "",
                    false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("interrupted before it ended", "");
        } catch (SandboxUnavailableException e) {
            return failed(without(e.getMessage(), e.remedy()), e.remedy());
        } catch (SandboxLaunchException e) {
            return launchFailed(e);
        } catch (RuntimeException | LinkageError e) {
            Throwable root = rootOf(e);
            // A class that could not be initialised names the first failure in its message only.
            boolean refused = root.toString().contains("IllegalCallerException");
            return new Trial(false, root.toString(), "", refused);
        }
    }

    private static Outcome launch(SandboxBackend backend) throws InterruptedException {
        Command command =
                Command.of(PROGRAM)
                        .stdin(Input.empty())
                        .stdout(Output.capture())
                        .stderr(Output.capture());
        SandboxResult result = backend.start(command).waitForResult();
        return result.outcome();
    }

    private static Trial launchFailed(SandboxLaunchException e) {
        if (e.step() == SetupStep.EXECUTE && e.errnoName().equals("ENOENT")) {
            return new Trial(
                    true,
                    "was made, but this host has no program `%s` to run in it".formatted(PROGRAM),
                    "",
                    false);
        }
        return failed(without(e.getMessage(), e.hint()), e.hint());
    }

    private static Trial failed(String detail, String remedy) {
        return new Trial(false, detail, remedy, false);
    }

    /// A message without the advice at its end, which has a place of its own.
    private static String without(String message, String advice) {
        return !advice.isEmpty() && message.endsWith("; " + advice)
                ? message.substring(0, message.length() - advice.length() - 2)
                : message;
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }

    /// The finding.
    Feature feature() {
        String name = "a strict sandbox";
        return Findings.required(
                passed ? Findings.available(name, detail) : Findings.missing(name, detail, remedy));
    }
}
