package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.program.Linux.PR_GET_MDWE;
import static io.cloister.sandbox.linux.program.Linux.PR_GET_SPECULATION_CTRL;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.ProcessControls;
import io.cloister.sandbox.linux.plan.SpeculationKind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/// Asks the kernel what a process can give up or ask for. It changes nothing, and takes a few
/// microseconds.
final class ControlProbe {

    private static final Path SHARED_CORES = Path.of("/sys/devices/system/cpu/smt/active");

    private ControlProbe() {}

    /// @param mayLock whether the JVM has CAP_SETPCAP
    static ProcessControls probe(boolean mayLock) {
        Map<SpeculationKind, Long> speculation = new EnumMap<>(SpeculationKind.class);
        for (SpeculationKind kind : SpeculationKind.values()) {
            speculation.put(kind, Kernel.processControl(PR_GET_SPECULATION_CTRL, kind.number()));
        }
        return new ProcessControls(
                mayLock,
                Kernel.processControl(PR_GET_MDWE, 0),
                speculation,
                sharedCores(),
                Kernel.coreCookie());
    }

    /// Assumed where the kernel does not tell.
    private static boolean sharedCores() {
        try {
            return !Files.readString(SHARED_CORES).strip().equals("0");
        } catch (IOException e) {
            return true;
        }
    }
}
