package io.cloister.sandbox.spring.metrics;

import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.RunListener;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxPool.Statistics;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.state.OutcomeName;
import io.cloister.sandbox.spring.state.RunLedger;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// Meters of runs, pools and the budget. Thread-safe.
///
/// | meter | kind | tags |
/// |---|---|---|
/// | `sandbox.runs` | timer: count and wall time of commands | profile, outcome |
/// | `sandbox.runs.active` | gauge | profile |
/// | `sandbox.runs.cpu` | timer: processor time of commands | profile |
/// | `sandbox.runs.memory.peak` | summary, bytes | profile |
/// | `sandbox.pool.idle`, `.leased`, `.waiting` | gauge | profile |
/// | `sandbox.pool.leases`, `.discarded`, `.opening.failures` | counter | profile |
/// | `sandbox.budget.sandboxes`, `.memory`, `.cpus`, `.waiting` | gauge: what is taken | |
public final class SandboxMetrics implements MeterBinder, SandboxBuilderCustomizer {
    private static final String PROFILE = "profile";

    private final Supplier<SandboxRegistry> sandboxes;
    private final RunLedger ledger;
    private final @Nullable ResourceBudget budget;
    private final List<MeterRegistry> bound = new CopyOnWriteArrayList<>();

    /// Makes meters that are not bound yet.
    ///
    /// @param sandboxes gets the sandboxes when meters are bound; they are made with this object
    /// @param ledger knows what runs
    /// @param budget what the sandboxes share; null for none
    public SandboxMetrics(
            Supplier<SandboxRegistry> sandboxes,
            RunLedger ledger,
            @Nullable ResourceBudget budget) {
        this.sandboxes = sandboxes;
        this.ledger = ledger;
        this.budget = budget;
    }

    @Override
    public void customize(String profile, Sandbox.Builder builder) {
        builder.listener(_ -> new Meters(profile));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        SandboxRegistry all = sandboxes.get();
        for (String profile : all.sandboxes().keySet()) {
            Gauge.builder("sandbox.runs.active", ledger, known -> known.active(profile))
                    .description("Commands that run, or are about to")
                    .tag(PROFILE, profile)
                    .register(registry);
        }
        all.pools().forEach((profile, pool) -> new PoolMeters(registry, profile, pool).bind());
        if (budget != null) {
            bind(registry, budget);
        }
        bound.add(registry);
    }

    private static void bind(MeterRegistry registry, ResourceBudget budget) {
        Gauge.builder("sandbox.budget.sandboxes", budget, b -> b.inUse().sandboxes())
                .description("Runs and sessions that hold a part of the budget")
                .register(registry);
        Gauge.builder("sandbox.budget.waiting", budget, ResourceBudget::waiting)
                .description("Runs that wait for room in the budget")
                .register(registry);
        if (budget.memory().isPresent()) {
            Gauge.builder(
                            "sandbox.budget.memory",
                            budget,
                            b -> b.inUse().memory().orElseThrow().value())
                    .description("Memory that is taken of the budget")
                    .baseUnit("bytes")
                    .register(registry);
        }
        if (budget.cpus().isPresent()) {
            Gauge.builder("sandbox.budget.cpus", budget, b -> b.inUse().cpus().orElseThrow())
                    .description("Processors that are taken of the budget")
                    .register(registry);
        }
    }

    /// The meters of one pool.
    private record PoolMeters(MeterRegistry registry, String profile, SandboxPool pool) {

        private void bind() {
            gauge("idle", "Sandboxes that wait for a lease", Statistics::idle);
            gauge("leased", "Sandboxes that are leased, reset or opened", Statistics::leased);
            gauge("waiting", "Callers that wait for a sandbox", Statistics::waiting);
            counter("leases", "Leases", Statistics::leases);
            counter("discarded", "Sandboxes that were not used again", Statistics::discarded);
            counter("opening.failures", "Sandboxes not opened", Statistics::failedOpenings);
            TimeGauge.builder(
                            "sandbox.pool.waiting.longest",
                            pool,
                            TimeUnit.NANOSECONDS,
                            p -> p.statistics().waitingTime().longest().toNanos())
                    .description("The longest that a caller has waited for a sandbox")
                    .tag(PROFILE, profile)
                    .register(registry);
        }

        private void gauge(String name, String text, ToDoubleFunction<Statistics> value) {
            Gauge.builder("sandbox.pool." + name, pool, p -> value.applyAsDouble(p.statistics()))
                    .description(text)
                    .tag(PROFILE, profile)
                    .register(registry);
        }

        private void counter(String name, String text, ToDoubleFunction<Statistics> value) {
            FunctionCounter.builder(
                            "sandbox.pool." + name, pool, p -> value.applyAsDouble(p.statistics()))
                    .description(text)
                    .tag(PROFILE, profile)
                    .register(registry);
        }
    }

    /// Measures one run.
    private final class Meters implements RunListener.Watch {
        private final String profile;
        private final long start = System.nanoTime();

        private Meters(String profile) {
            this.profile = profile;
        }

        @Override
        public void ended(SandboxResult result) {
            each(registry -> {
                count(registry, OutcomeName.of(result.outcome()), result.usage().wallTime());
                result.usage()
                        .cpuTime()
                        .ifPresent(time ->
                                Timer.builder("sandbox.runs.cpu")
                                        .description("Processor time of commands")
                                        .tag(PROFILE, profile)
                                        .register(registry)
                                        .record(time));
                result.usage()
                        .peakMemory()
                        .ifPresent(peak ->
                                DistributionSummary.builder("sandbox.runs.memory.peak")
                                        .description("The most memory of commands at one time")
                                        .baseUnit("bytes")
                                        .tag(PROFILE, profile)
                                        .register(registry)
                                        .record(peak.value()));
            });
        }

        @Override
        public void failed(Throwable problem) {
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            each(registry -> count(registry, OutcomeName.NOT_RUN, waited));
        }

        private void count(MeterRegistry registry, String outcome, Duration time) {
            Timer.builder("sandbox.runs")
                    .description("Commands in sandboxes")
                    .tags(Tags.of(PROFILE, profile, "outcome", outcome))
                    .register(registry)
                    .record(time);
        }

        private void each(Consumer<MeterRegistry> action) {
            bound.forEach(action);
        }
    }
}
