package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandboxes;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// For JUnit alone: skips tests that the host cannot run; see [SandboxTest] and [NeedsCapability].
public final class CapabilityCondition implements ExecutionCondition {
    private static final Namespace NAMESPACE = Namespace.create(CapabilityCondition.class);
    private static final String SKIP = "cloister.sandbox.skip";

    private final Supplier<HostReport> probe;

    /// For JUnit.
    public CapabilityCondition() {
        this(Sandboxes::probe);
    }

    CapabilityCondition(Supplier<HostReport> probe) {
        this.probe = probe;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<SandboxTest> test = SandboxExtension.annotation(context);
        boolean fake = test.map(SandboxTest::fake).orElse(false);
        List<String> needs =
                Stream.concat(
                                test.stream().flatMap(t -> Arrays.stream(t.needs())),
                                context
                                        .getElement()
                                        .flatMap(element ->
                                                AnnotationSupport.findAnnotation(
                                                        element, NeedsCapability.class))
                                        .stream()
                                        .flatMap(n -> Arrays.stream(n.value())))
                        .toList();
        if (needs.isEmpty() && (fake || test.isEmpty())) {
            return ConditionEvaluationResult.enabled("no host is needed");
        }
        Optional<String> why = missing(report(context), needs, fake);
        if (why.isPresent() && neverSkips(context)) {
            throw new ExtensionConfigurationException(
                    why.get() + "; it is not skipped since " + SKIP + " is \"never\"");
        }
        return why.map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("the host has what is needed"));
    }

    static boolean neverSkips(ExtensionContext context) {
        return context.getConfigurationParameter(SKIP).filter("never"::equals).isPresent();
    }

    /// The report, made once for a run of tests unless another provider takes its place meanwhile.
    private HostReport report(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(probe, _ -> probe.get(), HostReport.class);
    }

    /// Why a test cannot run; empty if it can.
    ///
    /// @throws ExtensionConfigurationException if a feature is not in the report
    static Optional<String> missing(HostReport report, List<String> needs, boolean fake) {
        if (!fake && !report.canRun()) {
            return report.features().stream()
                    .filter(feature -> feature.required() && feature.status() == Status.MISSING)
                    .findFirst()
                    .map(feature -> "no sandbox can be made on " + told(report, feature));
        }
        return needs.stream()
                .map(name -> named(report, name))
                .filter(feature -> feature.status() == Status.MISSING)
                .findFirst()
                .map(feature -> "needs " + feature.name() + ", on " + told(report, feature));
    }

    private static String told(HostReport report, Feature feature) {
        return report.system()
                + ": "
                + feature.name()
                + " is missing"
                + (feature.detail().isEmpty() ? "" : " (" + feature.detail() + ")")
                + (feature.remedy().isEmpty() ? "" : "; " + feature.remedy());
    }

    private static Feature named(HostReport report, String name) {
        return report.features().stream()
                .filter(feature -> feature.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() ->
                        new ExtensionConfigurationException(
                                "the report of this host has no feature \"%s\"; it has %s"
                                        .formatted(
                                                name,
                                                report.features().stream()
                                                        .map(f -> '"' + f.name() + '"')
                                                        .collect(Collectors.joining(", ")))));
    }
}
