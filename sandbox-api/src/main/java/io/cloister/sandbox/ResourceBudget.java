package io.cloister.sandbox;

import io.cloister.sandbox.policy.ResourceLimits;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// Caps what all runs together may use that share it, so that many sandboxes at one time cannot
/// promise more than the host has. Thread-safe.
///
/// A run takes from the budget before it starts, and gives back when no process of it is left:
///
/// | what | how much |
/// |---|---|
/// | memory | the memory limit of its sandbox, whether or not that is best effort |
/// | cpus | the `cpus` limit of its sandbox, or 1 if there is none |
/// | sandboxes | 1 |
///
/// What it takes are promises: a run that uses less than its limit takes the limit all the same.
///
/// If there is no room, the run waits its turn for at most the queue time-out, or is refused at
/// once if that is 0. Runs are admitted in the order of their requests, so a large one is not
/// overtaken by small ones that come later. The time in the queue counts for no limit of the run.
/// [SandboxProcess#changeLimits(java.util.function.UnaryOperator)] changes what a run has taken: to
/// raise a limit never waits, and is refused if there is no room or others wait for it.
///
/// A budget belongs to the JVM and is not part of a [SandboxSpec]; give the same one to each
/// builder whose sandboxes are to share it. It holds nothing that has to be closed.
public final class ResourceBudget {
    private static final double MIN_CPUS = 0.01;
    private static final double MAX_CPUS = 10_000;

    private final Optional<Bytes> memory;
    private final Optional<Double> cpus;
    private final OptionalInt sandboxes;
    private final Duration queueTimeout;
    private final int queueLength;
    private final BudgetQueue queue;

    private ResourceBudget(Builder builder) {
        memory = builder.memory;
        cpus = builder.cpus;
        sandboxes = builder.sandboxes;
        queueTimeout = builder.queueTimeout;
        queueLength = builder.queueLength;
        queue =
                new BudgetQueue(
                        amount(
                                memory.orElse(Bytes.of(0)),
                                cpus.orElse(0.0),
                                sandboxes.orElse(Integer.MAX_VALUE)),
                        queueTimeout,
                        queueLength);
    }

    /// {@return a builder of a budget}
    public static Builder builder() {
        return new Builder();
    }

    /// {@return the memory of all runs together; empty: not capped}
    public Optional<Bytes> memory() {
        return memory;
    }

    /// {@return the processors of all runs together; empty: not capped}
    public Optional<Double> cpus() {
        return cpus;
    }

    /// {@return how many runs there may be at one time; empty: not capped}
    public OptionalInt sandboxes() {
        return sandboxes;
    }

    /// {@return how long a run may wait}
    public Duration queueTimeout() {
        return queueTimeout;
    }

    /// {@return how many runs may wait at one time}
    public int queueLength() {
        return queueLength;
    }

    /// {@return what the runs have taken at this moment}
    public InUse inUse() {
        BudgetAmount amount = queue.inUse();
        return new InUse(
                memory.map(_ -> Bytes.of(amount.memory())),
                cpus.map(_ -> amount.cpus()),
                Math.toIntExact(amount.sandboxes()));
    }

    /// {@return how many runs wait at this moment}
    public int waiting() {
        return queue.waiting();
    }

    /// What a run with these limits takes.
    ///
    /// @throws IllegalArgumentException if it could never be admitted
    BudgetAmount amountFor(ResourceLimits limits) {
        Bytes size = limits.memory().orElse(Bytes.of(0));
        double processors = limits.cpus().orElse(1.0);
        memory.ifPresent(bound -> {
            if (limits.memory().isEmpty()) {
                throw new IllegalArgumentException(
                        "memory must be limited, since the budget caps it at %s,".formatted(bound)
                                + " was unlimited; set memoryLimit(Bytes)");
            }
            checkBound("memory", size, bound, size.compareTo(bound) <= 0);
        });
        cpus.ifPresent(bound ->
                checkBound(
                        limits.cpus().isPresent() ? "cpus" : "cpus, where not limited,",
                        processors,
                        bound,
                        processors <= bound));
        return amount(size, processors, 1);
    }

    private static void checkBound(String name, Object value, Object bound, boolean within) {
        if (!within) {
            throw new IllegalArgumentException(
                    "%s must be <= %s, the budget of all runs, was %s"
                            .formatted(name, bound, value));
        }
    }

    private BudgetAmount amount(Bytes size, double processors, int count) {
        return new BudgetAmount(
                memory.isPresent() ? size.value() : 0,
                cpus.isPresent() ? BudgetAmount.micro(processors) : 0,
                count);
    }

    /// Takes what a run with these limits needs, or a place in the queue for it, without waiting.
    ///
    /// @throws IllegalArgumentException if it could never be admitted
    /// @throws BudgetExceededException if there is neither
    BudgetQueue.Lease request(ResourceLimits limits) {
        return queue.request(amountFor(limits));
    }

    /// The caps, what is in use, and how many wait.
    @Override
    public String toString() {
        BudgetAmount amount = queue.inUse();
        StringBuilder text = new StringBuilder("ResourceBudget[");
        memory.ifPresent(
                cap -> text.append("memory=%s of %s, ".formatted(Bytes.of(amount.memory()), cap)));
        cpus.ifPresent(cap -> text.append("cpus=%s of %s, ".formatted(amount.cpus(), cap)));
        text.append("sandboxes=").append(amount.sandboxes());
        sandboxes.ifPresent(cap -> text.append(" of ").append(cap));
        return text.append(", waiting=").append(queue.waiting()).append(']').toString();
    }

    /// What runs have taken of a budget at one moment.
    ///
    /// @param memory the memory of all of them together; empty where the budget does not cap it
    /// @param cpus the processors of all of them together; empty where the budget does not cap them
    /// @param sandboxes how many there are
    public record InUse(Optional<Bytes> memory, Optional<Double> cpus, int sandboxes) {

        /// Refuses null.
        public InUse {
            Objects.requireNonNull(memory, "memory");
            Objects.requireNonNull(cpus, "cpus");
        }
    }

    /// Collects the settings of a budget. Not thread-safe.
    public static final class Builder {
        private Optional<Bytes> memory = Optional.empty();
        private Optional<Double> cpus = Optional.empty();
        private OptionalInt sandboxes = OptionalInt.empty();
        private Duration queueTimeout = Duration.ZERO;
        private int queueLength = 1024;

        private Builder() {}

        /// Caps the memory limits of all runs together.
        ///
        /// A sandbox without a memory limit is refused then: nobody knows what it will take.
        ///
        /// - **Unit:** bytes, > 0.
        /// - **Default:** not capped.
        ///
        /// @param size the cap
        /// @return this builder
        /// @throws IllegalArgumentException if `size` is 0
        public Builder memory(Bytes size) {
            if (size.value() == 0) {
                throw new IllegalArgumentException("memory of a budget must be > 0, was " + size);
            }
            memory = Optional.of(size);
            return this;
        }

        /// Caps the processors of all runs together.
        ///
        /// - **Unit:** processors, 0.01 to 10000, in millionths; 0.5 is half of one.
        /// - **Default:** not capped.
        ///
        /// @param count the cap
        /// @return this builder
        /// @throws IllegalArgumentException if `count` is out of its range
        public Builder cpus(double count) {
            if (!(count >= MIN_CPUS && count <= MAX_CPUS)) {
                throw new IllegalArgumentException(
                        "cpus of a budget must be %s to %d, was %s"
                                .formatted(MIN_CPUS, (long) MAX_CPUS, count));
            }
            cpus = Optional.of(count);
            return this;
        }

        /// Caps how many runs there are at one time.
        ///
        /// - **Unit:** runs, > 0.
        /// - **Default:** not capped.
        ///
        /// @param count the cap
        /// @return this builder
        /// @throws IllegalArgumentException if `count` is not positive
        public Builder sandboxes(int count) {
            sandboxes = OptionalInt.of(positive("sandboxes of a budget", count));
            return this;
        }

        /// Lets runs wait for room.
        ///
        /// - **Unit:** time, >= 0; with 0 a run is refused at once if there is no room.
        /// - **Default:** 0.
        /// - **At the limit:** the run is refused with a [BudgetExceededException].
        ///
        /// @param timeout how long a run may wait
        /// @return this builder
        /// @throws IllegalArgumentException if `timeout` is negative
        public Builder queueTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException(
                        "queueTimeout must be >= 0, was " + Units.formatDuration(timeout));
            }
            queueTimeout = timeout;
            return this;
        }

        /// Caps how many runs wait at one time.
        ///
        /// - **Unit:** runs, > 0.
        /// - **Default:** 1024.
        /// - **At the limit:** one more is refused at once with a [BudgetExceededException].
        ///
        /// @param count the cap
        /// @return this builder
        /// @throws IllegalArgumentException if `count` is not positive
        public Builder queueLength(int count) {
            queueLength = positive("queueLength", count);
            return this;
        }

        private static int positive(String name, int count) {
            if (count <= 0) {
                throw new IllegalArgumentException(name + " must be > 0, was " + count);
            }
            return count;
        }

        /// {@return a budget of which nothing is taken}
        ///
        /// @throws IllegalArgumentException if it caps nothing
        public ResourceBudget build() {
            if (memory.isEmpty() && cpus.isEmpty() && sandboxes.isEmpty()) {
                throw new IllegalArgumentException(
                        "a budget must cap memory, cpus or sandboxes, was without any cap");
            }
            return new ResourceBudget(this);
        }
    }
}
