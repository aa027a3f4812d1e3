package io.cloister.samples.cli;

import io.cloister.sandbox.Sandbox;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends the sandbox when SIGINT, SIGTERM or SIGHUP ends the JVM, whose own way with them stays: it
/// exits with 128 and the number of the signal.
final class Interruption implements AutoCloseable {
    /// How long the JVM waits for the run to be reported after all its processes are dead.
    private static final long PATIENCE_SECONDS = 5;

    private final Sandbox sandbox;
    private final CountDownLatch reported = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "sandbox-shutdown");
    private volatile boolean happened;

    private Interruption(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /// Watches from now on, until it is closed.
    static Interruption of(Sandbox sandbox) {
        Interruption interruption = new Interruption(sandbox);
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException e) {
            // The shutdown came first: it is as if the hook had run.
            interruption.happened = true;
            sandbox.close();
        }
        return interruption;
    }

    private void onShutdown() {
        happened = true;
        sandbox.close();
        try {
            boolean inTime = reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("sandbox: the run was ended, and its report is not complete");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether the JVM is ending.
    boolean happened() {
        return happened;
    }

    /// To be called when all is said about the run.
    @Override
    public void close() {
        reported.countDown();
        if (happened) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The shutdown has begun; the hook finds nothing to wait for.
            happened = true;
        }
    }
}
