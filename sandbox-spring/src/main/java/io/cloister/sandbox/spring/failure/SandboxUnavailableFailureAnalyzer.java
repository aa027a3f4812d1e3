package io.cloister.sandbox.spring.failure;

import io.cloister.sandbox.SandboxUnavailableException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// For a host that cannot enforce what a policy asks for.
final class SandboxUnavailableFailureAnalyzer
        extends AbstractFailureAnalyzer<SandboxUnavailableException> {

    SandboxUnavailableFailureAnalyzer() {}

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, SandboxUnavailableException cause) {
        ProfileUnavailableException profile =
                findCause(rootFailure, ProfileUnavailableException.class);
        String whose =
                profile == null
                        ? "A sandbox cannot be made on this host"
                        : "The sandbox of sandbox.profiles.%s cannot be made on this host"
                                .formatted(profile.profile());
        String prefix = "sandbox.profiles." + (profile == null ? "NAME" : profile.profile());
        return new FailureAnalysis(
                "%s: it lacks %s.%n%n%s".formatted(whose, cause.missing(), cause.getMessage()),
                ("%s.%n%nWhat needs no such thing: a limit that is kept as far as the host can,"
                                + " such as %s.best-effort=memory; the weaker confined tier, %s"
                                + ".isolation=namespaces-or-confined; or an application without"
                                + " sandboxes, sandbox.enabled=false.")
                        .formatted(sentence(cause.remedy()), prefix, prefix),
                cause);
    }

    private static String sentence(String text) {
        return text.isEmpty()
                ? "Run on another host"
                : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
