package io.cloister.sandbox.spring.metrics;

import io.cloister.sandbox.RunListener;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;
import io.cloister.sandbox.spring.state.OutcomeName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

import java.util.Map;
import java.util.function.Predicate;

/// An observation `sandbox.run` around each run, from its request to its end, below the current one
/// of the caller. Of low cardinality are `profile` and `outcome`, of high cardinality is `program`.
public final class SandboxObservations implements SandboxBuilderCustomizer {
    private static final String OUTCOME = "outcome";

    private final ObservationRegistry registry;
    private final Predicate<String> traced;

    /// Makes observations.
    ///
    /// @param registry where they go
    /// @param traced whether the commands of a profile get the ids of the trace
    public SandboxObservations(ObservationRegistry registry, Predicate<String> traced) {
        this.registry = registry;
        this.traced = traced;
    }

    @Override
    public void customize(String profile, Sandbox.Builder builder) {
        boolean hands = traced.test(profile);
        builder.listener(command -> observe(profile, command.program(), hands));
    }

    private RunListener.Watch observe(String profile, String program, boolean hands) {
        SandboxRunContext context = new SandboxRunContext(profile, program);
        Observation observation =
                Observation.createNotStarted("sandbox.run", () -> context, registry)
                        .contextualName("sandbox " + profile)
                        .lowCardinalityKeyValue("profile", profile)
                        .lowCardinalityKeyValue(OUTCOME, "unknown")
                        .highCardinalityKeyValue("program", program)
                        .start();
        return new Observed(observation, hands ? context.environment() : Map.of());
    }

    private record Observed(Observation observation, Map<String, String> environment)
            implements RunListener.Watch {

        @Override
        public void ended(SandboxResult result) {
            observation.lowCardinalityKeyValue(OUTCOME, OutcomeName.of(result.outcome())).stop();
        }

        @Override
        public void failed(Throwable problem) {
            observation.lowCardinalityKeyValue(OUTCOME, OutcomeName.NOT_RUN).error(problem).stop();
        }
    }
}
