package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.spring.settings.SandboxProperties.Budget;
import io.cloister.sandbox.spring.settings.SandboxProperties.Pool;
import io.cloister.sandbox.spring.settings.SandboxProperties.Profile;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What the properties say, in terms of the API. Whatever the API refuses is a
/// [RefusedPropertyException] with the name of the property.
///
/// @param properties the properties
public record Settings(SandboxProperties properties) {

    private static final String PROFILES = "sandbox.profiles.";
    private static final Duration LONGEST = Duration.ofDays(365);

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
        Pool common = properties.defaults().pool();
        return own == null && common == null
                ? Optional.empty()
                : Optional.of(PoolSettings.pool(sandbox, common, own, PROFILES + name + ".pool"));
    }

    /// {@return how long the end of the application waits}
    public Duration shutdownTimeout() {
        return time("shutdown-timeout", properties.shutdownTimeout());
    }

    /// {@return how long what was found on the host is told}
    public Duration probeInterval() {
        return time("probe-interval", properties.probeInterval());
    }

    private static Duration time(String name, Duration value) {
        new Setting("sandbox")
                .set(
                        name,
                        value,
                        time -> {
                            if (time.isNegative() || time.compareTo(LONGEST) > 0) {
                                throw new IllegalArgumentException(
                                        "%s must be 0s to %s, was %s"
                                                .formatted(
                                                        name,
                                                        Units.formatDuration(LONGEST),
                                                        Units.formatDuration(time)));
                            }
                        });
        return value;
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
