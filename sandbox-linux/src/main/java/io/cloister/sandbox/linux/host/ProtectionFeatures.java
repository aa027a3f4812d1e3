package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.linux.plan.ProcessControls;
import io.cloister.sandbox.linux.plan.SpeculationKind;
import io.cloister.sandbox.linux.plan.SpeculationKind.State;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Findings about protections that a policy can ask for (`harden`).
final class ProtectionFeatures {

    private static final Set<State> OPEN =
            Set.of(State.NO_CONTROL, State.SHARED_CORES, State.UNKNOWN);

    private ProtectionFeatures() {}

    static List<Feature> all(ProcessControls controls) {
        return List.of(
                writeExecute(controls.writeExecute()),
                speculation(controls),
                cores(controls.coreScheduling()));
    }

    private static Feature writeExecute(long answer) {
        String name = "denying writable code";
        return answer >= 0
                ? available(name, "PR_SET_MDWE: memory is never writable and executable")
                : missing(
                        name,
                        "no PR_SET_MDWE (%s)".formatted(Errno.nameOf((int) -answer)),
                        "run a kernel from 6.3 on");
    }

    /// The cache flush is an extra that hosts seldom switch on; it counts for nothing here.
    private static Feature speculation(ProcessControls controls) {
        String name = "speculation control";
        List<String> parts = new ArrayList<>();
        for (SpeculationKind kind : SpeculationKind.values()) {
            parts.add(kind.label() + ": " + words(controls.state(kind)));
        }
        String detail = String.join(", ", parts);
        boolean open =
                OPEN.contains(controls.state(SpeculationKind.STORE_BYPASS))
                        || OPEN.contains(controls.state(SpeculationKind.INDIRECT_BRANCH));
        return open
                ? limited(
                        name,
                        detail,
                        "update the processor's microcode, do not boot with mitigations=off; in a"
                                + " virtual machine, let it see the processor's SSBD, IBPB and"
                                + " STIBP")
                : available(name, detail);
    }

    private static String words(State state) {
        return switch (state) {
            case CONTROLLED -> "controlled";
            case NOT_AFFECTED -> "not needed";
            case ALWAYS_PROTECTED -> "always protected";
            case NO_CONTROL -> "no control";
            case SHARED_CORES -> "of no use on shared cores";
            case UNKNOWN -> "unknown here";
        };
    }

    private static Feature cores(long answer) {
        String name = "core scheduling";
        if (answer >= 0) {
            return available(name, "a sandbox can have cores to itself");
        }
        return Errno.ENODEV.is(answer)
                ? limited(
                        name,
                        "the kernel sees cores of one thread each, which nobody shares",
                        "in a virtual machine, let it see the host's cores")
                : missing(
                        name,
                        "no PR_SCHED_CORE (%s)".formatted(Errno.nameOf((int) -answer)),
                        "run a kernel from 5.14 on, built with CONFIG_SCHED_CORE=y");
    }
}
