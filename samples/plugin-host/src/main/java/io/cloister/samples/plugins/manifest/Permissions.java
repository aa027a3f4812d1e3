package io.cloister.samples.plugins.manifest;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.VisibleText;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a plugin asks for; and what an administrator lets any plugin have at most.
///
/// @param memory of all its processes; half of it is the Java heap
/// @param cpus how many processors it may keep busy
/// @param processes how many processes and threads; the virtual machine has some twenty itself
/// @param files what it may do with its directory `/data`
/// @param services simple names of the interfaces of the host that it may call
/// @param environment names of the host's variables that it sees
/// @param output how much it may write to standard output, and to standard error, until it restarts
public record Permissions(
        Bytes memory,
        double cpus,
        int processes,
        Files files,
        Set<String> services,
        Set<String> environment,
        Bytes output) {

    private static final Bytes LEAST_MEMORY = Bytes.mebibytes(64);
    private static final int LEAST_PROCESSES = 32;
    private static final int LONGEST_SHOWN = 200;
    private static final Set<String> NAMES =
            new TreeSet<>(
                    Set.of(
                            "Memory",
                            "Cpus",
                            "Processes",
                            "Files",
                            "Services",
                            "Environment",
                            "Output",
                            "Network"));

    /// What a plugin may do with the directory that is its own, and outlives it.
    public enum Files {
        /// It has none.
        NONE,
        /// It may read what the host has put there.
        READ_ONLY,
        /// It may change it. There is no quota.
        READ_WRITE
    }

    /// Checks the bounds.
    public Permissions {
        require("Memory", memory.compareTo(LEAST_MEMORY) >= 0, "at least 64m", memory);
        require("Cpus", cpus >= 0.05 && cpus <= 1000, "0.05 to 1000", cpus);
        require("Processes", processes >= LEAST_PROCESSES, "at least 32", processes);
        require("Output", output.value() > 0, "more than 0", output);
        services = Set.copyOf(services);
        environment = Set.copyOf(environment);
    }

    /// {@return what a plugin gets that asks for nothing}
    public static Permissions least() {
        return of(Map.of());
    }

    /// {@return the permissions with these names and values, as a manifest has them behind
    /// `Permission-`}
    ///
    /// @param asked names to values
    /// @throws IllegalArgumentException if there is no such permission, or it has no such value
    public static Permissions of(Map<String, String> asked) {
        for (String name : asked.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(Nearest.unknown("permission", name, NAMES));
            }
        }
        String network = asked.getOrDefault("Network", "none");
        require("Network", network.equals("none"), "none: no plugin has a network", network);
        return new Permissions(
                value(asked, "Memory", "128m", Bytes::parse),
                value(asked, "Cpus", "1", Double::parseDouble),
                value(asked, "Processes", "64", Integer::parseInt),
                value(asked, "Files", "none", Permissions::files),
                value(asked, "Services", "", Permissions::names),
                value(asked, "Environment", "", Permissions::names),
                value(asked, "Output", "256k", Bytes::parse));
    }

    private static <T> T value(
            Map<String, String> asked, String name, String otherwise, Function<String, T> reader) {
        String text = asked.getOrDefault(name, otherwise);
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "permission %s can't be \"%s\": %s"
                            .formatted(
                                    name,
                                    VisibleText.line(text, LONGEST_SHOWN),
                                    VisibleText.line(
                                            String.valueOf(e.getMessage()), LONGEST_SHOWN)));
        }
    }

    private static Files files(String text) {
        return Arrays.stream(Files.values())
                .filter(files -> nameOf(files).equals(text))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                Nearest.unknown(
                                        "access",
                                        text,
                                        Arrays.stream(Files.values())
                                                .map(Permissions::nameOf)
                                                .collect(Collectors.toCollection(TreeSet::new)))));
    }

    static String nameOf(Files files) {
        return files.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Set<String> names(String text) {
        return Arrays.stream(text.split("[ ,]+"))
                .filter(name -> !name.isEmpty())
                .peek(Permissions::requireName)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static void requireName(String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,99}")) {
            throw new IllegalArgumentException("no name of a service or variable");
        }
    }

    private static void require(String name, boolean holds, String bound, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "permission %s must be %s, was %s"
                            .formatted(
                                    name,
                                    bound,
                                    VisibleText.line(value.toString(), LONGEST_SHOWN)));
        }
    }
}
