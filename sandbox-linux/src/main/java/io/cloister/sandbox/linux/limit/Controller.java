package io.cloister.sandbox.linux.limit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A controller of control groups.
///
/// In version 2 CPU time is counted and a group can be frozen without a controller, so [#CPUACCT]
/// and [#FREEZER] are there in every group; [#DEVICES] exists in version 1 only.
public enum Controller {
    CPU,
    CPUACCT,
    CPUSET,
    MEMORY,
    PIDS,
    IO,
    HUGETLB,
    FREEZER,
    DEVICES;

    private final String label = name().toLowerCase(Locale.ROOT);

    /// What version 2 calls it.
    public String label() {
        return label;
    }

    /// What version 1 calls it.
    public String labelInVersion1() {
        return this == IO ? "blkio" : label();
    }

    /// Whether every group of version 2 has it, without being told to.
    public boolean isBuiltIn() {
        return this == CPUACCT || this == FREEZER;
    }

    /// The controller that version 2 calls `label`.
    public static Optional<Controller> of(String label) {
        return Arrays.stream(values()).filter(c -> c.label().equals(label)).findFirst();
    }

    /// The controller that version 1 calls `label`.
    public static Optional<Controller> ofVersion1(String label) {
        return Arrays.stream(values()).filter(c -> c.labelInVersion1().equals(label)).findFirst();
    }
}
