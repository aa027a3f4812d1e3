package io.cloister.samples.plugins.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What a plugin gets of what it asked for.
///
/// @param permissions what it gets
/// @param cuts in words, what it does not get
public record Grant(Permissions permissions, List<String> cuts) {
    /// Copies the list.
    public Grant {
        cuts = List.copyOf(cuts);
    }

    /// {@return the lesser of both, for each permission}
    ///
    /// @param asked what the plugin asks for
    /// @param most what the administrator lets it have
    public static Grant of(Permissions asked, Permissions most) {
        List<String> cuts = new ArrayList<>();
        Permissions granted =
                new Permissions(
                        lesser("Memory", asked.memory(), most.memory(), cuts),
                        lesser("Cpus", asked.cpus(), most.cpus(), cuts),
                        lesser("Processes", asked.processes(), most.processes(), cuts),
                        lesser("Files", asked.files(), most.files(), cuts),
                        common("Services", asked.services(), most.services(), cuts),
                        common("Environment", asked.environment(), most.environment(), cuts),
                        lesser("Output", asked.output(), most.output(), cuts));
        return new Grant(granted, cuts);
    }

    private static <T extends Comparable<? super T>> T lesser(
            String name, T asked, T most, List<String> cuts) {
        if (asked.compareTo(most) <= 0) {
            return asked;
        }
        cuts.add("%s %s instead of %s".formatted(name, show(most), show(asked)));
        return most;
    }

    private static Set<String> common(
            String name, Set<String> asked, Set<String> most, List<String> cuts) {
        Set<String> denied = new TreeSet<>(asked);
        denied.removeAll(most);
        if (denied.isEmpty()) {
            return asked;
        }
        cuts.add("%s without %s".formatted(name, String.join(", ", denied)));
        Set<String> granted = new TreeSet<>(asked);
        granted.retainAll(most);
        return granted;
    }

    private static String show(Object value) {
        return value instanceof Permissions.Files files
                ? Permissions.nameOf(files)
                : value.toString();
    }
}
