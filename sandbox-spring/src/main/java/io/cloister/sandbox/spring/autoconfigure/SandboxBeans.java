package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.spring.SandboxRegistry;

/// Makes a bean of each sandbox and each pool of the registry, which stays their owner.
final class SandboxBeans {
    static final String NAME = "io.cloister.sandbox.spring.SandboxBeans";

    private final SandboxRegistry registry;

    SandboxBeans(SandboxRegistry registry) {
        this.registry = registry;
    }

    Sandbox sandbox(String profile) {
        return registry.sandbox(profile);
    }

    SandboxPool pool(String profile) {
        return registry.pool(profile);
    }
}
