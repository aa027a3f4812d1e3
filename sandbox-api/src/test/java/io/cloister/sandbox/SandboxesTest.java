package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;

import org.junit.jupiter.api.Test;

import java.util.List;

class SandboxesTest {
    private final FakeProvider foreign = new FakeProvider("mars", false);
    private final FakeProvider own = new FakeProvider("earth", true);

    @Test
    void theFirstProviderThatSupportsTheSystemIsTaken() {
        FakeProvider later = new FakeProvider("moon", true);
        assertThat(Sandboxes.provider(List.of(foreign, own, later))).isSameAs(own);
        assertThat(Sandboxes.probe(List.of(foreign, own, later)).system()).isEqualTo("earth 1.0");
    }

    @Test
    void withoutAProviderTheRemedyIsToAddOne() {
        assertThat(Sandboxes.probe(List.of()).canRun()).isFalse();
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> Sandboxes.provider(List.of()))
                .withMessageStartingWith(
                        "no sandbox can be made on " + System.getProperty("os.name"))
                .satisfies(e -> {
                    assertThat(e.missing()).isEqualTo("a provider for this system");
                    assertThat(e.remedy()).contains("io.cloister:sandbox-linux");
                    assertThat(e).hasMessageEndingWith("; " + e.remedy());
                });
    }

    @Test
    void aProviderOfAnotherSystemTellsWhatIsMissing() {
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> Sandboxes.provider(List.of(foreign)))
                .withMessage("no sandbox can be made on mars 1.0: namespaces is missing; use mars");
    }

    @Test
    void onlyAMissingRequiredFeatureKeepsSandboxesFromRunning() {
        Feature required = new Feature("a", Status.LIMITED, "", "", true);
        Feature optional = new Feature("b", Status.MISSING, "", "", false);
        Feature missing = new Feature("c", Status.MISSING, "", "", true);
        assertThat(new HostReport("x", List.of(required, optional)).canRun()).isTrue();
        assertThat(new HostReport("x", List.of(required, missing)).canRun()).isFalse();
    }

    @Test
    void aReportIsATable() {
        HostReport report =
                new HostReport(
                        "Linux 6.1",
                        List.of(
                                new Feature("user namespaces", Status.AVAILABLE, "", "", true),
                                new Feature(
                                        "cgroup v2",
                                        Status.LIMITED,
                                        "memory only",
                                        "delegate pids",
                                        false)));
        assertThat(report)
                .hasToString(
                        """
                        Linux 6.1
                          user namespaces  available
                          cgroup v2        limited    memory only
                                                      -> delegate pids\
                        """);
    }

    @Test
    void aReplacementMakesTheSandboxesUntilItIsClosed() {
        FakeProvider other = new FakeProvider("venus", true);
        try (Sandboxes.Replacement replacement = Sandboxes.replaceProvider(own)) {
            assertThat(replacement.provider()).isSameAs(own);
            assertThat(Sandboxes.provider()).isSameAs(own);
            assertThat(Sandboxes.probe().system()).isEqualTo("earth 1.0");
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> Sandboxes.replaceProvider(other))
                    .withMessageContaining("replaced by \"earth\" already");
            // A sandbox that names its provider has that.
            Sandbox.builder().provider(other).build().open().close();
            assertThat(own.sessions).isEmpty();
            assertThat(other.sessions).hasSize(1);
        }
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(Sandboxes::provider);
        Sandboxes.Replacement ended = Sandboxes.replaceProvider(own);
        ended.close();
        try (Sandboxes.Replacement _ = Sandboxes.replaceProvider(other)) {
            // It ends itself, and no later one.
            ended.close();
            assertThat(Sandboxes.provider()).isSameAs(other);
        }
    }

    @Test
    void aDerivedSandboxHasTheProviderOfItsOrigin() {
        try (Sandbox first = Sandbox.builder().provider(own).build();
                Sandbox second = first.toBuilder().build()) {
            second.open().close();
        }
        assertThat(own.sessions).hasSize(1);
    }
}
