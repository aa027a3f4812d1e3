package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.spi.SandboxProvider;

import java.util.ArrayList;
import java.util.List;

/// Makes the report for people: what this host can enforce, why not, and what would change that.
///
/// It works where nothing else does: on another system, on an old kernel, and without native
/// access.
public final class HostProbe {

    private HostProbe() {}

    /// Looks at the host, and tries.
    ///
    /// @param provider what the trial runs with
    /// @return the report
    public static HostReport probe(SandboxProvider provider) {
        HostView host = new RunningHost();
        if (!provider.isSupported()) {
            return elsewhere(host);
        }
        Module module = HostProbe.class.getModule();
        // Asked first: where the JVM lets a use without it pass, it counts as granted afterwards.
        boolean granted = module.isNativeAccessEnabled();
        Trial trial = Trial.run(provider);
        Feature nativeAccess =
                SystemFeatures.nativeAccess(
                        module.isNamed() ? module.getName() : "", granted, trial.refused());
        return report(host, nativeAccess, trial);
    }

    /// The report of a system that is not Linux.
    static HostReport elsewhere(HostView host) {
        return new HostReport(
                system(host, host.property("os.version")),
                List.of(SystemFeatures.operatingSystem(host), SystemFeatures.cpu(host)));
    }

    /// The report of a Linux.
    static HostReport report(HostView host, Feature nativeAccess, Trial trial) {
        Account account = Account.of(host);
        List<Feature> features = new ArrayList<>();
        features.add(SystemFeatures.operatingSystem(host));
        features.add(SystemFeatures.cpu(host));
        features.add(nativeAccess);
        features.addAll(NamespaceFeatures.all(host, account));
        features.add(SystemFeatures.seccomp(host));
        features.add(LandlockFeatures.landlock(host.landlock()));
        features.add(LandlockFeatures.confined(host.landlock()));
        features.add(SystemFeatures.proc(host));
        features.add(SystemFeatures.memfd(host));
        features.add(SystemFeatures.keyrings(host));
        features.add(AccountFeatures.privileges(host, account));
        features.add(AccountFeatures.idRanges(host, account));
        features.add(SystemFeatures.idmappedMounts(host, account));
        if (nativeAccess.status() != Status.MISSING) {
            features.addAll(ProtectionFeatures.all(host.controls()));
        }
        features.addAll(ControlGroupFeatures.all(host));
        features.add(SystemFeatures.descriptors(host));
        if (trial.passed()) {
            features.replaceAll(HostProbe::overruled);
        }
        features.add(trial.feature());
        return new HostReport(system(host, SystemFeatures.release(host)), features);
    }

    /// What every sandbox needs was there, since one ran.
    private static Feature overruled(Feature feature) {
        return feature.required() && feature.status() == Status.MISSING
                ? new Feature(
                        feature.name(),
                        Status.LIMITED,
                        feature.detail() + "; a sandbox ran nevertheless",
                        feature.remedy(),
                        true)
                : feature;
    }

    private static String system(HostView host, String release) {
        return String.join(" ", host.property("os.name"), release, host.property("os.arch"));
    }
}
