package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.spring.metrics.SandboxObservations;
import io.cloister.sandbox.spring.settings.Settings;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/// Makes an observation around each run, where there is a registry of observations.
@AutoConfiguration(
        after = SandboxAutoConfiguration.class,
        afterName =
                "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ObservationRegistry.class, Settings.class})
public final class SandboxObservationAutoConfiguration {

    SandboxObservationAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    SandboxObservations sandboxObservations(ObservationRegistry registry, Settings settings) {
        return new SandboxObservations(registry, settings::tracesEnvironment);
    }
}
