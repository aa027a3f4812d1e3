package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.ResourceBudget;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.actuate.SandboxEndpoint;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/// Makes the endpoint `sandbox`, where it is exposed.
@AutoConfiguration(after = SandboxAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(SandboxRegistry.class)
public final class SandboxEndpointAutoConfiguration {

    SandboxEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    SandboxEndpoint sandboxEndpoint(
            HostProbe probe,
            SandboxRegistry registry,
            RunLedger ledger,
            ObjectProvider<ResourceBudget> budget) {
        return new SandboxEndpoint(probe, registry, ledger, budget.getIfAvailable());
    }
}
