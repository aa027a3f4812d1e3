package io.cloister.samples.plugins.host;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Status;

import java.util.List;
import java.util.Set;

/// What a host lacks for limits of plugins that are best effort. Pure.
final class Weakness {
    private static final Set<String> NEEDED =
            Set.of("control group memory", "control group pids", "control group cpu");

    private Weakness() {}

    static List<String> of(HostReport host) {
        return host.features().stream()
                .filter(f -> NEEDED.contains(f.name()) && f.status() != Status.AVAILABLE)
                .map(f -> "%s: %s; %s".formatted(f.name(), f.detail(), f.remedy()))
                .toList();
    }
}
