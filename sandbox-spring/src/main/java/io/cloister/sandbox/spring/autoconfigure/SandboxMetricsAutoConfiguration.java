package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.metrics.SandboxMetrics;
import io.cloister.sandbox.spring.state.RunLedger;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/// Makes the meters, which Boot binds to every registry.
@AutoConfiguration(after = SandboxAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean({SandboxRegistry.class, RunLedger.class})
public final class SandboxMetricsAutoConfiguration {

    SandboxMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    SandboxMetrics sandboxMetrics(
            ObjectProvider<SandboxRegistry> registry,
            RunLedger ledger,
            ObjectProvider<ResourceBudget> budget) {
        return new SandboxMetrics(registry::getObject, ledger, budget.getIfAvailable());
    }
}
