package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.settings.SandboxProperties;
import io.cloister.sandbox.spring.settings.Settings;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

import java.time.Duration;

/// Makes the sandboxes and pools that the properties describe, and ends them with the context.
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "sandbox.enabled", matchIfMissing = true)
@EnableConfigurationProperties(SandboxProperties.class)
@Import(SandboxBeanRegistrar.class)
public final class SandboxAutoConfiguration {

    SandboxAutoConfiguration() {}

    /// {@return the settings that the properties describe}
    ///
    /// @param properties the properties
    @Bean
    @ConditionalOnMissingBean
    Settings sandboxSettings(SandboxProperties properties) {
        return new Settings(properties);
    }

    @Bean
    @ConditionalOnMissingBean
    RunLedger sandboxRunLedger() {
        return new RunLedger();
    }

    @Bean
    @ConditionalOnMissingBean
    HostProbe sandboxHostProbe(Settings settings) {
        return new HostProbe(Sandboxes::probe, settings.probeInterval());
    }

    @Bean
    @ConditionalOnMissingBean
    @Conditional(OnBudget.class)
    ResourceBudget sandboxBudget(Settings settings) {
        return settings.budget().orElseThrow();
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    SandboxRegistry sandboxRegistry(
            Settings settings,
            ConfigurableListableBeanFactory beans,
            ObjectProvider<ResourceBudget> budget,
            ObjectProvider<SandboxBuilderCustomizer> customizers) {
        return new RegistryFactory(
                        settings, budget.getIfAvailable(), customizers.orderedStream().toList())
                .registry(SandboxBeanRegistrar.hasImplied(beans));
    }

    @Bean(SandboxBeans.NAME)
    SandboxBeans sandboxBeans(SandboxRegistry registry) {
        return new SandboxBeans(registry);
    }

    @Bean
    @ConditionalOnMissingBean
    SandboxLifecycle sandboxLifecycle(
            SandboxRegistry registry, RunLedger ledger, Settings settings) {
        return new SandboxLifecycle(registry, ledger, settings.shutdownTimeout());
    }

    /// Destroyed when all lifecycles have stopped: the web server, which waits for its requests,
    /// and the sandboxes.
    @Bean(destroyMethod = "close")
    ExitDelay sandboxExitDelay(Settings settings, Environment environment) {
        Duration phase =
                environment.getProperty(
                        "spring.lifecycle.timeout-per-shutdown-phase",
                        Duration.class,
                        Duration.ofSeconds(30));
        return new ExitDelay(settings.shutdownTimeout().plus(phase.multipliedBy(2)));
    }
}
