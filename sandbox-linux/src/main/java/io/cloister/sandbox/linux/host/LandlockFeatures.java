package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.linux.landlock.ConfinedPlanner;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.landlock.LandlockSupport;

import java.util.ArrayList;
import java.util.List;

/// Findings about Landlock (landlock(7)).
final class LandlockFeatures {

    /// Where ABI 6 begins.
    private static final String COMPLETE = "6.12";

    private LandlockFeatures() {}

    /// The second wall under the mounts, and the only one around ports.
    static Feature landlock(LandlockSupport support) {
        String name = "Landlock";
        if (!support.isThere()) {
            return missing(
                    name,
                    support.missing() + ": no second wall, and TCP ports cannot be closed",
                    "run a kernel from %s on with CONFIG_SECURITY_LANDLOCK=y and landlock among lsm="
                            .formatted(COMPLETE));
        }
        List<String> without = new ArrayList<>();
        if (support.abi() < LandlockPlan.FILES) {
            without.add("files");
        }
        if (support.abi() < LandlockPlan.PORTS) {
            without.add("TCP ports");
        }
        if (support.abi() < LandlockPlan.SCOPES) {
            without.add("signals and abstract sockets");
        }
        String abi = "ABI " + support.abi();
        return without.isEmpty()
                ? available(name, abi)
                : limited(
                        name,
                        abi + ", without " + String.join(", ", without),
                        "run a kernel from " + COMPLETE + " on");
    }

    /// What hosts without namespaces can do.
    static Feature confined(LandlockSupport support) {
        String name = "confined tier";
        return support.abi() >= ConfinedPlanner.NEEDED
                ? available(name, "confined() and confinedIfNeeded() work where namespaces do not")
                : missing(
                        name,
                        "it needs Landlock of ABI %d, and %s"
                                .formatted(
                                        ConfinedPlanner.NEEDED,
                                        support.isThere()
                                                ? "this kernel has ABI " + support.abi()
                                                : support.missing()),
                        "run a kernel from %s on with Landlock enabled".formatted(COMPLETE));
    }
}
