package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.spring.settings.SandboxProperties.Budget;
import io.cloister.sandbox.spring.settings.SandboxProperties.Pool;
import io.cloister.sandbox.spring.settings.SandboxProperties.Profile;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What the properties say, in terms of the API. Whatever the API refuses is a
/// [RefusedPropertyException] with the name of the property.
///
/// @param properties the properties
public record Settings(SandboxProperties properties) {

    private static final String PROFILES = "sandbox.profiles.";

    /// {@return the names of the profiles, in their order}
    public List<String> profiles() {
        return List.copyOf(properties.profiles().keySet());
    }

    private @Nullable Profile profile(String name) {
        return properties.profiles().get(name);
    }

    /// {@return a sandbox with the policy of a profile}
    ///
    /// @param name the name of the profile
    /// @param customizer adds to the builder
    /// @throws io.cloister.sandbox.SandboxUnavailableException if this host cannot enforce all of
    ///   it
    public Sandbox sandbox(String name, Consumer<Sandbox.Builder> customizer) {
        String prefix = PROFILES + name;
        return new Setting(prefix)
                .together(() -> {
                    Sandbox.Builder builder =
                            ProfileSettings.builder(properties.defaults(), profile(name), prefix);
                    customizer.accept(builder);
                    return builder.build();
                });
    }

    /// {@return whether commands of a profile get the ids of the current trace}
    ///
    /// @param name the name of the profile
    public boolean tracesEnvironment(String name) {
        Profile profile = profile(name);
        Boolean own = profile == null ? null : profile.traceEnvironment();
        return Boolean.TRUE.equals(own == null ? properties.defaults().traceEnvironment() : own);
    }

    /// {@return the pool of a profile, if it has one}
    ///
    /// @param name the name of the profile
    /// @param sandbox its sandbox
    public Optional<SandboxPool> pool(String name, Sandbox sandbox) {
        Profile profile = profile(name);
        Pool own = profile == null ? null : profile.pool();
        Pool pool = own == null ? properties.defaults().pool() : own;
        if (pool == null) {
            return Optional.empty();
        }
        Setting setting =
                new Setting((own == null ? "sandbox.defaults" : PROFILES + name) + ".pool");
        SandboxPool.Builder builder = SandboxPool.of(sandbox);
        Integer size = pool.size();
        Integer most = pool.maxSize();
        if (size != null) {
            setting.set("size", size, least -> builder.size(least, most == null ? least : most));
        } else {
            setting.set("max-size", most, max -> builder.size(1, max));
        }
        setting.set("queue", pool.queue(), builder::queue);
        setting.set("patience", pool.patience(), builder::patience);
        setting.set("idle-time", pool.idleTime(), builder::idleTime);
        setting.set("uses", pool.uses(), builder::uses);
        setting.set("health-check", pool.healthCheck(), builder::healthCheck);
        return Optional.of(setting.together(builder::build));
    }

    /// {@return the budget, if there is one}
    public Optional<ResourceBudget> budget() {
        Budget budget = properties.budget();
        if (budget == null) {
            return Optional.empty();
        }
        Setting setting = new Setting("sandbox.budget");
        ResourceBudget.Builder builder = ResourceBudget.builder();
        setting.set(
                "memory", budget.memory(), memory -> builder.memory(Bytes.of(memory.toBytes())));
        setting.set("cpus", budget.cpus(), builder::cpus);
        setting.set("sandboxes", budget.sandboxes(), builder::sandboxes);
        setting.set("queue-timeout", budget.queueTimeout(), builder::queueTimeout);
        setting.set("queue-length", budget.queueLength(), builder::queueLength);
        return Optional.of(setting.together(builder::build));
    }
}
