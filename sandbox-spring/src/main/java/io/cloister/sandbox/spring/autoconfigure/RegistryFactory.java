package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.failure.ProfileUnavailableException;
import io.cloister.sandbox.spring.settings.Settings;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes all sandboxes, then their pools; all or none.
///
/// @param settings what the properties say
/// @param budget what they share; null for none
/// @param customizers add to each policy
record RegistryFactory(
        Settings settings,
        @Nullable ResourceBudget budget,
        List<SandboxBuilderCustomizer> customizers) {

    /// @param implied whether there is a default sandbox if no property names one
    SandboxRegistry registry(boolean implied) {
        Map<String, Sandbox> sandboxes = new LinkedHashMap<>();
        Map<String, SandboxPool> pools = new LinkedHashMap<>();
        try {
            for (String name : names(implied)) {
                Sandbox sandbox = sandbox(name);
                sandboxes.put(name, sandbox);
                settings.pool(name, sandbox).ifPresent(pool -> pools.put(name, pool));
            }
        } catch (RuntimeException | Error e) {
            closeAfter(e, new SandboxRegistry(sandboxes, pools));
            throw e;
        }
        return new SandboxRegistry(sandboxes, pools);
    }

    private List<String> names(boolean implied) {
        List<String> named = settings.profiles();
        return named.isEmpty() && implied ? List.of(SandboxRegistry.DEFAULT) : named;
    }

    private Sandbox sandbox(String name) {
        try {
            return settings.sandbox(name, builder -> customize(name, builder));
        } catch (SandboxUnavailableException e) {
            throw new ProfileUnavailableException(name, e);
        }
    }

    private void customize(String name, Sandbox.Builder builder) {
        if (budget != null) {
            builder.budget(budget);
        }
        customizers.forEach(customizer -> customizer.customize(name, builder));
    }

    private static void closeAfter(Throwable problem, SandboxRegistry begun) {
        try {
            begun.close();
        } catch (RuntimeException e) {
            problem.addSuppressed(e);
        }
    }
}
