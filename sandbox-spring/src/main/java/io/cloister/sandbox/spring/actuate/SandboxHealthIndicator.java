package io.cloister.sandbox.spring.actuate;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;
import io.cloister.sandbox.spring.state.RunLedger.LastLaunch;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import java.util.List;
import java.util.Optional;

/// Down where no sandbox can be made on this host, or the last launch failed for that reason. How
/// commands end says nothing of health.
public final class SandboxHealthIndicator extends AbstractHealthIndicator {
    private final HostProbe probe;
    private final RunLedger ledger;

    /// Makes an indicator.
    ///
    /// @param probe looks at the host
    /// @param ledger knows the last launch
    public SandboxHealthIndicator(HostProbe probe, RunLedger ledger) {
        super("the host could not be looked at");
        this.probe = probe;
        this.ledger = ledger;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        HostReport report = probe.report();
        Optional<LastLaunch> last = ledger.lastLaunch();
        boolean refused =
                last.flatMap(LastLaunch::problem)
                        .filter(SandboxUnavailableException.class::isInstance)
                        .isPresent();
        builder.status(
                        report.canRun() && !refused
                                ? org.springframework.boot.health.contributor.Status.UP
                                : org.springframework.boot.health.contributor.Status.DOWN)
                .withDetail("system", report.system());
        names(builder, "missing", report, Status.MISSING);
        names(builder, "limited", report, Status.LIMITED);
        last.ifPresent(launch -> {
            builder.withDetail("lastLaunch", launch.at())
                    .withDetail("lastProfile", launch.profile())
                    .withDetail("lastOutcome", launch.outcome());
            launch.problem()
                    .ifPresent(problem ->
                            builder.withDetail(
                                    "lastProblem", String.valueOf(problem.getMessage())));
        });
    }

    private static void names(
            Health.Builder builder, String key, HostReport report, Status status) {
        List<String> names =
                report.features().stream()
                        .filter(feature -> feature.status() == status)
                        .map(HostReport.Feature::name)
                        .toList();
        if (!names.isEmpty()) {
            builder.withDetail(key, names);
        }
    }
}
