package io.cloister.sandbox.spring.actuate;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The endpoint `sandbox`: what the host can do, the profiles with their policies in short, what
/// runs and what it has used, pools and budget. It changes nothing, and tells no arguments and no
/// values of the environment.
@Endpoint(id = "sandbox")
public final class SandboxEndpoint {
    private final HostProbe probe;
    private final SandboxRegistry sandboxes;
    private final RunLedger ledger;
    private final @Nullable ResourceBudget budget;

    /// Makes the endpoint.
    ///
    /// @param probe looks at the host
    /// @param sandboxes the sandboxes and pools
    /// @param ledger knows what runs
    /// @param budget what the sandboxes share; null for none
    public SandboxEndpoint(
            HostProbe probe,
            SandboxRegistry sandboxes,
            RunLedger ledger,
            @Nullable ResourceBudget budget) {
        this.probe = probe;
        this.sandboxes = sandboxes;
        this.ledger = ledger;
        this.budget = budget;
    }

    /// What the endpoint tells.
    ///
    /// @param host what the host can do
    /// @param profiles the sandboxes by name
    /// @param running the commands that run
    /// @param budget what is taken of the budget; null without one
    public record Description(
            Host host,
            Map<String, ProfileDescription> profiles,
            List<RunDescription> running,
            @Nullable String budget) {}

    /// What the host can do.
    ///
    /// @param system the system
    /// @param canRun whether sandboxes can be made at all
    /// @param features what was looked at
    public record Host(String system, boolean canRun, List<Feature> features) {}

    /// One thing that a policy may need.
    ///
    /// @param name what it is
    /// @param status available, limited or missing
    /// @param detail what was found
    /// @param remedy what would provide it
    public record Feature(String name, String status, String detail, String remedy) {}

    /// {@return the description}
    @ReadOperation
    public Description describe() {
        Map<String, ProfileDescription> profiles = new LinkedHashMap<>();
        sandboxes
                .sandboxes()
                .forEach((name, sandbox) ->
                        profiles.put(
                                name,
                                ProfileDescription.of(
                                        sandbox.spec(),
                                        ledger.active(name),
                                        ledger.ended(name),
                                        sandboxes.pools().get(name))));
        return new Description(
                host(probe.report()),
                profiles,
                ledger.running().stream().map(RunDescription::of).toList(),
                budget == null ? null : budget.toString());
    }

    private static Host host(HostReport report) {
        return new Host(
                report.system(),
                report.canRun(),
                report.features().stream()
                        .map(feature ->
                                new Feature(
                                        feature.name(),
                                        feature.status().label(),
                                        feature.detail(),
                                        feature.remedy()))
                        .toList());
    }
}
