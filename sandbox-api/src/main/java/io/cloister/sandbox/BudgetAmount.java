package io.cloister.sandbox;

import java.util.Optional;

/// A part of a [ResourceBudget], or all of it. What the budget does not cap is 0 everywhere, so it
/// always fits.
///
/// @param memory bytes
/// @param microCpus millionths of a processor, so that sums are exact
/// @param sandboxes how many
record BudgetAmount(long memory, long microCpus, long sandboxes) {
    private static final double MICRO = 1_000_000;

    static final BudgetAmount NONE = new BudgetAmount(0, 0, 0);

    static long micro(double cpus) {
        return Math.round(cpus * MICRO);
    }

    double cpus() {
        return microCpus / MICRO;
    }

    BudgetAmount plus(BudgetAmount other) {
        return new BudgetAmount(
                memory + other.memory, microCpus + other.microCpus, sandboxes + other.sandboxes);
    }

    BudgetAmount minus(BudgetAmount other) {
        return new BudgetAmount(
                memory - other.memory, microCpus - other.microCpus, sandboxes - other.sandboxes);
    }

    /// The greater of both in each item.
    BudgetAmount max(BudgetAmount other) {
        return new BudgetAmount(
                Math.max(memory, other.memory),
                Math.max(microCpus, other.microCpus),
                Math.max(sandboxes, other.sandboxes));
    }

    /// Which item of this is more than there is of it in `free`, with both values.
    Optional<String> lackIn(BudgetAmount free) {
        if (memory > free.memory) {
            return lack("memory", Bytes.of(memory), Bytes.of(free.memory));
        }
        if (microCpus > free.microCpus) {
            return lack("cpus", cpus(), free.cpus());
        }
        if (sandboxes > free.sandboxes) {
            return lack("sandboxes", sandboxes, free.sandboxes);
        }
        return Optional.empty();
    }

    private static Optional<String> lack(String item, Object asked, Object free) {
        return Optional.of("%s: asked for %s, free %s".formatted(item, asked, free));
    }
}
