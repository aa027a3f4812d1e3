package io.cloister.sandbox.spring;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandboxes;

import org.junit.jupiter.api.Assumptions;

/// What tests need of the host.
final class Host {
    private Host() {}

    /// Skips the test where no sandbox can be made, and says what is missing.
    static void needsSandboxes() {
        HostReport report = Sandboxes.probe();
        Assumptions.assumeTrue(
                report.canRun(),
                () ->
                        "needs "
                                + report.features().stream()
                                        .filter(f -> f.required() && f.status() == Status.MISSING)
                                        .map(f -> f.name() + ": " + f.remedy())
                                        .toList());
    }
}
