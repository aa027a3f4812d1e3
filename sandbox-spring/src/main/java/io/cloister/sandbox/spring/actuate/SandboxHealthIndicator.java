package io.cloister.sandbox.spring.actuate;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;
import io.cloister.sandbox.spring.state.RunLedger.LastLaunch;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import java.util.List;

/// Down where no sandbox can be made on this host, unless all of them do without namespaces. How
/// commands end says nothing of health, and neither does a launch that is refused: it may ask for
/// what no host has. The last refusal is told, though.
public final class SandboxHealthIndicator extends AbstractHealthIndicator {
    private final HostProbe probe;
    private final RunLedger ledger;
    private final SandboxRegistry sandboxes;

    /// Makes an indicator.
    ///
    /// @param probe looks at the host
    /// @param ledger knows the last launch
    /// @param sandboxes the sandboxes
    public SandboxHealthIndicator(HostProbe probe, RunLedger ledger, SandboxRegistry sandboxes) {
        super("the host could not be looked at");
        this.probe = probe;
        this.ledger = ledger;
        this.sandboxes = sandboxes;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        HostReport report = probe.report();
        builder.status(
                        report.canRun() || needNoNamespaces()
                                ? org.springframework.boot.health.contributor.Status.UP
                                : org.springframework.boot.health.contributor.Status.DOWN)
                .withDetail("system", report.system());
        names(builder, "missing", report, Status.MISSING);
        names(builder, "limited", report, Status.LIMITED);
        ledger.lastLaunch()
                .ifPresent(launch -> {
                    builder.withDetail("lastLaunch", launch.at())
                            .withDetail("lastProfile", launch.profile())
                            .withDetail("lastOutcome", launch.outcome());
                    problem(builder, "lastProblem", launch);
                });
        ledger.lastRefusal()
                .ifPresent(launch -> {
                    builder.withDetail("lastRefusal", launch.at())
                            .withDetail("lastRefusedProfile", launch.profile());
                    problem(builder, "lastRefusalProblem", launch);
                });
    }

    /// Whether there are sandboxes and all of them may be confined. That the host can do that was
    /// looked at when they were made.
    private boolean needNoNamespaces() {
        return !sandboxes.sandboxes().isEmpty()
                && sandboxes.sandboxes().values().stream()
                        .noneMatch(sandbox -> sandbox.spec().isolation() == Isolation.NAMESPACES);
    }

    private static void problem(Health.Builder builder, String key, LastLaunch launch) {
        launch.problem()
                .ifPresent(
                        problem -> builder.withDetail(key, String.valueOf(problem.getMessage())));
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
