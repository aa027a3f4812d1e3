package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.SandboxFileException.Reason;

/// Lets a long operation end when its thread is interrupted.
final class Interruption {

    private Interruption() {}

    static void check(String operation, String path) {
        if (Thread.currentThread().isInterrupted()) {
            throw FileErrors.of(operation, path, Reason.INTERRUPTED, "the thread was interrupted");
        }
    }
}
