package io.cloister.sandbox.spring.failure;

import io.cloister.sandbox.spring.settings.RefusedPropertyException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// For a value of a property that a sandbox refuses.
final class RefusedPropertyFailureAnalyzer
        extends AbstractFailureAnalyzer<RefusedPropertyException> {

    RefusedPropertyFailureAnalyzer() {}

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, RefusedPropertyException cause) {
        if (cause.value() == null) {
            return new FailureAnalysis(
                    "The properties below %s cannot be used as they are.%n%n    Reason: %s"
                            .formatted(cause.property(), cause.expected()),
                    "Change or leave out what the reason names; docs/spring.md lists all"
                            + " properties.",
                    cause);
        }
        return new FailureAnalysis(
                "The value of a property is refused.%n%n    Property: %s%n    Value: %s%n    Reason: %s"
                        .formatted(cause.property(), cause.value(), cause.expected()),
                "Give %s a value for which this holds: %s"
                        .formatted(cause.property(), cause.expected()),
                cause);
    }
}
