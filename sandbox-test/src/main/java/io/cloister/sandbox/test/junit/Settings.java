package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.Units;

import org.junit.jupiter.api.extension.ExtensionConfigurationException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// What an annotation says, and beside which class.
///
/// @param annotation what says it; annotations are values
/// @param testClass where its resource is looked for
record Settings(SandboxTest annotation, Class<?> testClass) {

    /// A new builder with the policy.
    ///
    /// @throws ExtensionConfigurationException if the annotation makes no policy
    Sandbox.Builder builder() {
        try {
            return limited(Sandbox.from(base()));
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException(
                    annotation + " of " + testClass.getName() + ": " + e.getMessage(), e);
        }
    }

    private SandboxSpec base() {
        if (annotation.policy().isEmpty()) {
            return SandboxSpec.strict();
        }
        try (InputStream json = testClass.getResourceAsStream(annotation.policy())) {
            if (json == null) {
                throw new IllegalArgumentException(
                        "there is no resource \"%s\" beside it; a leading slash looks from the root"
                                .formatted(annotation.policy()));
            }
            return SandboxSpec.fromJson(new String(json.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Sandbox.Builder limited(Sandbox.Builder builder) {
        if (!annotation.memory().isEmpty()) {
            builder.memoryLimit(Bytes.parse(annotation.memory()));
        }
        if (!annotation.cpuTime().isEmpty()) {
            builder.cpuTimeLimit(Units.parseDuration(annotation.cpuTime()));
        }
        if (!annotation.wallTime().isEmpty()) {
            builder.wallTimeLimit(Units.parseDuration(annotation.wallTime()));
        }
        if (annotation.pids() != 0) {
            builder.pidsLimit(annotation.pids());
        }
        if (!annotation.output().isEmpty()) {
            builder.outputLimit(Bytes.parse(annotation.output()));
        }
        if (annotation.profile().length > 1) {
            throw new IllegalArgumentException("there can be one profile, not several");
        }
        if (annotation.profile().length == 1) {
            builder.syscalls(annotation.profile()[0].policy());
        }
        return builder;
    }
}
