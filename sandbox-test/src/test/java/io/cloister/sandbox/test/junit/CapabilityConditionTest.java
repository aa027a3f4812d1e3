package io.cloister.sandbox.test.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.test.fake.FakeSandbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.platform.testkit.engine.EngineExecutionResults;

import java.util.List;
import java.util.Map;

/// Hosts that lack something are played by a fake.
@ResourceLock("the provider")
class CapabilityConditionTest {
    private static final Feature WORKS = new Feature("pipes", Status.AVAILABLE, "", "", true);
    private static final Feature IN_PART =
            new Feature("Landlock", Status.LIMITED, "ABI 3", "", false);
    private static final Feature LACKS =
            new Feature(
                    "time travel", Status.MISSING, "no flux capacitor", "drive at 88 mph", false);

    private static EngineExecutionResults on(Class<?> testClass, Feature... features) {
        return on(testClass, Map.of(), features);
    }

    private static EngineExecutionResults on(
            Class<?> testClass, Map<String, String> parameters, Feature... features) {
        FakeSandbox host =
                FakeSandbox.builder()
                        .reports(new HostReport("Hill Valley 1955", List.of(features)))
                        .build();
        try (Sandboxes.Replacement _ = host.install()) {
            return Cases.run(testClass, parameters);
        }
    }

    @SandboxTest(needs = "Time Travel")
    static class Needy {
        @Test
        void needsIt() {}
    }

    static class NeedyMethod {
        @Test
        @NeedsCapability({"pipes", "landlock", "time travel"})
        void needsIt() {}

        @Test
        @NeedsCapability({"pipes", "landlock"})
        void needsLess() {}
    }

    @SandboxTest
    static class Ordinary {
        @Test
        void needsASandbox() {}
    }

    @Test
    void aTestIsSkippedWithTheReasonOfTheReport() {
        EngineExecutionResults results = on(Needy.class, WORKS, LACKS);
        results.testEvents().assertStatistics(s -> s.started(0));
        assertThat(Cases.skipReason(results))
                .isEqualTo(
                        "needs time travel, on Hill Valley 1955: time travel is missing (no flux"
                                + " capacitor); drive at 88 mph");
    }

    @Test
    void itRunsWhereTheHostHasIt() {
        Feature has = new Feature("time travel", Status.AVAILABLE, "", "", false);
        on(Needy.class, WORKS, has).testEvents().assertStatistics(s -> s.succeeded(1));
    }

    @Test
    void oneMethodOfAClassCanBeSkipped() {
        EngineExecutionResults results = on(NeedyMethod.class, WORKS, IN_PART, LACKS);
        results.testEvents().assertStatistics(s -> s.succeeded(1).skipped(1));
        assertThat(Cases.skipReason(results)).startsWith("needs time travel, on ");
    }

    @Test
    void whereNoSandboxCanBeMadeAllAreSkipped() {
        Feature required = new Feature("namespaces", Status.MISSING, "", "use Linux", true);
        assertThat(Cases.skipReason(on(Ordinary.class, required)))
                .isEqualTo(
                        "no sandbox can be made on Hill Valley 1955: namespaces is missing; use"
                                + " Linux");
        on(Ordinary.class, WORKS).testEvents().assertStatistics(s -> s.succeeded(1));
    }

    @Test
    void aMisspeltNameIsAnError() {
        EngineExecutionResults results = on(Needy.class, WORKS);
        results.containerEvents().assertStatistics(s -> s.failed(1));
        assertThat(
                        results.containerEvents()
                                .failed()
                                .list()
                                .getFirst()
                                .getPayload(org.junit.platform.engine.TestExecutionResult.class)
                                .flatMap(r -> r.getThrowable())
                                .orElseThrow())
                .hasStackTraceContaining(
                        "the report of this host has no feature \"Time Travel\"; it has \"pipes\"");
    }

    @Test
    void whereNothingMayBeSkippedItFails() {
        EngineExecutionResults results =
                on(Needy.class, Map.of("cloister.sandbox.skip", "never"), WORKS, LACKS);
        results.containerEvents().assertStatistics(s -> s.failed(1).skipped(0));
    }

    @SandboxTest
    static class Demanding {
        @Test
        void needsAPolicyThatTheHostCannotKeep(Sandbox sandbox) {}
    }

    private static FakeSandbox refusing() {
        return FakeSandbox.builder()
                .refuses(
                        new SandboxUnavailableException(
                                "memory cannot be limited", "control groups", "delegate some"))
                .build();
    }

    @Test
    void aPolicyThatTheHostCannotKeepSkipsTheTest() {
        try (Sandboxes.Replacement _ = refusing().install()) {
            EngineExecutionResults results = Cases.run(Demanding.class);
            assertThat(Cases.abortReason(results))
                    .isEqualTo("needs control groups: memory cannot be limited; delegate some");
            results = Cases.run(Demanding.class, Map.of("cloister.sandbox.skip", "never"));
            assertThat(Cases.failure(results))
                    .hasMessage("memory cannot be limited; delegate some");
        }
    }
}
