package io.cloister.sandbox;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.spi.SandboxProvider;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.ServiceLoader;

/// What this host can do, and the lookup of the provider that does it.
public final class Sandboxes {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

    private static List<SandboxProvider> loaded = List.of();

    private Sandboxes() {}

    /// The providers of this program, loaded at the first use that finds one.
    private static synchronized List<SandboxProvider> providers() {
        if (loaded.isEmpty()) {
            loaded = load(Sandboxes.class.getClassLoader());
        }
        if (loaded.isEmpty()) {
            loaded = load(Thread.currentThread().getContextClassLoader());
        }
        return loaded;
    }

    private static List<SandboxProvider> load(@Nullable ClassLoader loader) {
        return ServiceLoader.load(SandboxProvider.class, loader).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /// Looks at what this host can enforce, and starts no sandbox that outlives the call.
    ///
    /// On a system without a provider the report says so; it never fails for that reason.
    ///
    /// @return what it can enforce
    public static HostReport probe() {
        return probe(providers());
    }

    static HostReport probe(List<SandboxProvider> providers) {
        return providers.stream()
                .filter(SandboxProvider::isSupported)
                .findFirst()
                .or(() -> providers.stream().findFirst())
                .map(SandboxProvider::probe)
                .orElseGet(Sandboxes::noProvider);
    }

    /// The first provider that supports this system.
    ///
    /// @throws SandboxUnavailableException if there is none
    static SandboxProvider provider() {
        return provider(providers());
    }

    static SandboxProvider provider(List<SandboxProvider> providers) {
        for (SandboxProvider provider : providers) {
            boolean supported = provider.isSupported();
            LOG.debug("provider {}: supported {}", provider.name(), supported);
            if (supported) {
                return provider;
            }
        }
        HostReport report = probe(providers);
        Feature missing =
                report.features().stream()
                        .filter(f -> f.required() && f.status() == Status.MISSING)
                        .findFirst()
                        .orElseGet(() -> noProvider().features().getFirst());
        throw new SandboxUnavailableException(
                "no sandbox can be made on %s: %s is missing"
                        .formatted(report.system(), missing.name()),
                missing.name(),
                missing.remedy());
    }

    private static HostReport noProvider() {
        String system =
                String.join(
                        " ",
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"));
        return new HostReport(
                system,
                List.of(
                        new Feature(
                                "a provider for this system",
                                Status.MISSING,
                                "none was found by ServiceLoader",
                                "add a provider such as io.cloister:sandbox-linux to the module"
                                        + " path or class path, on a system that it supports",
                                true)));
    }
}
