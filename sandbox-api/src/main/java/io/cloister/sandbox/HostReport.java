package io.cloister.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// What this host can enforce; why not; and what would change that.
///
/// @param system the system, for example `Linux 6.1.0 amd64`
/// @param features what was looked at, in the order to print it
public record HostReport(String system, List<Feature> features) {

    /// How far the host provides a feature.
    public enum Status {
        /// It works.
        AVAILABLE,
        /// It works in part; the detail says which.
        LIMITED,
        /// It does not work.
        MISSING;

        /// {@return the lower-case name}
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One thing that a policy may need.
    ///
    /// @param name what it is, for example `user namespaces`
    /// @param status how far the host provides it
    /// @param detail what was found; may be empty
    /// @param remedy what would provide it; empty where nothing needs to
    /// @param required whether no sandbox at all works without it
    public record Feature(
            String name, Status status, String detail, String remedy, boolean required) {
        /// Refuses null.
        public Feature {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(status, "status");
            Objects.requireNonNull(detail, "detail");
            Objects.requireNonNull(remedy, "remedy");
        }
    }

    /// Copies the list.
    public HostReport {
        Objects.requireNonNull(system, "system");
        features = List.copyOf(features);
    }

    /// {@return whether sandboxes work here at all: no required feature is missing}
    public boolean canRun() {
        return features.stream()
                .noneMatch(feature -> feature.required() && feature.status() == Status.MISSING);
    }

    /// A table with a line for each feature, and below it, indented, its remedy if it has one.
    @Override
    public String toString() {
        int names = features.stream().mapToInt(f -> f.name().length()).max().orElse(0);
        int states = features.stream().mapToInt(f -> f.status().label().length()).max().orElse(0);
        String row = "  %-" + Math.max(1, names) + "s  %-" + Math.max(1, states) + "s  %s";
        StringBuilder table = new StringBuilder(system);
        for (Feature feature : features) {
            String line = row.formatted(feature.name(), feature.status().label(), feature.detail());
            table.append('\n').append(line.stripTrailing());
            if (!feature.remedy().isEmpty()) {
                table.append('\n').append(row.formatted("", "", "-> " + feature.remedy()));
            }
        }
        return table.toString();
    }
}
