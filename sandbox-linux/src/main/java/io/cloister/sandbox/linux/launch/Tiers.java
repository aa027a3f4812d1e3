package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.syscall.SyscallHandlers;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Chooses the tier of a sandbox.
final class Tiers {

    private static final Logger LOG = LoggerFactory.getLogger(Tiers.class);

    /// Why the host refuses namespaces, as far as the log says it already.
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Tiers() {}

    /// The policy for `spec`, in the tier that it asks for and the host gives.
    ///
    /// @throws SandboxUnavailableException if the host gives none
    static Policy policy(Launcher launcher, SandboxSpec spec, SyscallHandlers handlers) {
        if (spec.isolation() == Isolation.CONFINED) {
            return Policy.confined(spec, launcher.facts(), handlers, "");
        }
        Policy policy = new Policy(spec, launcher.facts(), handlers);
        if (spec.isolation() == Isolation.NAMESPACES) {
            return policy;
        }
        Optional<SandboxLaunchException> refused = refusal(launcher, policy);
        if (refused.isEmpty()) {
            return policy;
        }
        SandboxLaunchException e = refused.get();
        String why = e.step().label() + " failed with " + e.errnoName();
        if (SAID.add(why)) {
            LOG.info("no namespaces here, so the confined tier is taken: {}", why);
        }
        try {
            return Policy.confined(spec, launcher.facts(), handlers, why);
        } catch (SandboxUnavailableException neither) {
            neither.addSuppressed(e);
            throw neither;
        }
    }

    /// Why the host does not give the namespaces of `policy`; found out by trying, since sysctls,
    /// security modules and the filter of a container all have a say.
    private static Optional<SandboxLaunchException> refusal(Launcher launcher, Policy policy) {
        Command nothing =
                Command.of("true")
                        .stdin(Input.empty())
                        .stdout(Output.capture())
                        .stderr(Output.capture());
        SandboxRun run;
        try {
            run = launcher.start(policy, nothing, Map.of());
        } catch (SandboxLaunchException e) {
            return Optional.of(e).filter(Tiers::isRefused);
        }
        try {
            run.awaitStart();
            return Optional.empty();
        } catch (SandboxLaunchException e) {
            return Optional.of(e).filter(Tiers::isRefused);
        } finally {
            run.cancel();
        }
    }

    /// Whether it is the host that refuses. Another failure, such as a bind that is not there, is
    /// the same in both tiers.
    private static boolean isRefused(SandboxLaunchException e) {
        return switch (e.step()) {
            case CREATE_NAMESPACES, MAP_USERS -> true;
            case ROOT, MOUNT, DEVICE, PROC, NETWORK, NAMES, PRIVILEGES ->
                    switch (e.errnoName()) {
                        case "EPERM", "EACCES", "ENOSPC", "ENOSYS" -> true;
                        default -> false;
                    };
            default -> false;
        };
    }
}
