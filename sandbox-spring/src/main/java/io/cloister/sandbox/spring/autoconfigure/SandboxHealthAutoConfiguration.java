package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.actuate.SandboxHealthIndicator;
import io.cloister.sandbox.spring.state.HostProbe;
import io.cloister.sandbox.spring.state.RunLedger;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/// Makes the health indicator `sandbox`; `management.health.sandbox.enabled=false` leaves it out.
@AutoConfiguration(after = SandboxAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean({HostProbe.class, RunLedger.class, SandboxRegistry.class})
public final class SandboxHealthAutoConfiguration {

    SandboxHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnEnabledHealthIndicator("sandbox")
    @ConditionalOnMissingBean(name = "sandboxHealthIndicator")
    SandboxHealthIndicator sandboxHealthIndicator(
            HostProbe probe, RunLedger ledger, SandboxRegistry sandboxes) {
        return new SandboxHealthIndicator(probe, ledger, sandboxes);
    }
}
