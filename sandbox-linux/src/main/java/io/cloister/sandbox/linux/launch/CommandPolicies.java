package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.policy.ResourceLimits;

import java.util.List;
import java.util.Set;

/// What commands in the sessions of one sandbox run under, by their limits. It is the same for
/// sessions that were set up alike, and with it the compiled programs: so a further session takes
/// no memory for that. The latest ones are kept. Thread-safe.
final class CommandPolicies {

    private static final int KEPT = 64;

    private final Policy policy;
    private final Latest<Key, Prepared> latest = new Latest<>(KEPT);

    /// The policy of commands with the same limits, and their plan.
    record Prepared(Policy policy, LaunchPlan plan) {}

    /// All that these depend on.
    private record Key(
            ResourceLimits wanted,
            Set<Controller> controllers,
            List<Enforcement> enforced,
            LaunchPlan session) {}

    /// @param policy what the commands run under
    CommandPolicies(Policy policy) {
        this.policy = policy;
    }

    /// The policy of all of them.
    Policy policy() {
        return policy;
    }

    /// That of commands with these limits.
    ///
    /// @param server the first process of their session
    Prepared prepare(ResourceLimits wanted, SandboxRun server) {
        Key key =
                new Key(
                        wanted,
                        server.account().controllersWithin(),
                        server.enforced(),
                        server.plan());
        return latest.get(key, this::make);
    }

    private Prepared make(Key key) {
        Policy own = policy.ofCommand(key.wanted(), key.controllers(), key.enforced());
        return new Prepared(own, own.planWithin(key.session()));
    }
}
