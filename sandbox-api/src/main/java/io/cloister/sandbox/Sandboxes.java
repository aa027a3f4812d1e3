package io.cloister.sandbox;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.spi.SandboxProvider;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/// What this host can do, and the lookup of the provider that does it.
public final class Sandboxes {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

    private static List<SandboxProvider> loaded = List.of();
    private static Optional<Replacement> replacement = Optional.empty();

    private Sandboxes() {}

    /// The providers of this program, loaded at the first use that finds one.
    private static synchronized List<SandboxProvider> providers() {
        if (replacement.isPresent()) {
            return List.of(replacement.get().provider());
        }
        if (loaded.isEmpty()) {
            loaded = named();
        }
        if (loaded.isEmpty()) {
            loaded = load(Sandboxes.class.getClassLoader());
        }
        if (loaded.isEmpty()) {
            loaded = load(Thread.currentThread().getContextClassLoader());
        }
        return loaded;
    }

    /// Those among the named modules, if one of them is for this system. Then nobody looks for
    /// others on the class path, for which every jar of the program would be opened.
    private static List<SandboxProvider> named() {
        ModuleLayer layer = Sandboxes.class.getModule().getLayer();
        if (layer == null) {
            return List.of();
        }
        List<SandboxProvider> found = found(ServiceLoader.load(layer, SandboxProvider.class));
        return found.stream().anyMatch(SandboxProvider::isSupported) ? found : List.of();
    }

    private static List<SandboxProvider> load(@Nullable ClassLoader loader) {
        return found(ServiceLoader.load(SandboxProvider.class, loader));
    }

    private static List<SandboxProvider> found(ServiceLoader<SandboxProvider> providers) {
        return providers.stream().map(ServiceLoader.Provider::get).toList();
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

    /// Looks up what makes the sandboxes of this program, for a provider that stands in front of
    /// it.
    ///
    /// @return the first provider that supports this system, or the one that replaces it
    /// @throws SandboxUnavailableException if there is none
    public static SandboxProvider provider() {
        return provider(providers());
    }

    /// Lets another provider make all sandboxes of this JVM that do not name one of their own,
    /// until the replacement is closed: for tests of programs that make their sandboxes themselves.
    ///
    /// **What that provider does not enforce is not enforced.** Nothing but this call replaces a
    /// provider, neither the class path nor a property, and it is logged as a warning. Sandboxes
    /// that are there keep the provider they have. There is one replacement at a time; tests that
    /// run side by side give each sandbox its provider, by
    /// [Sandbox.Builder#provider(SandboxProvider)].
    ///
    /// @param provider makes the sandboxes
    /// @return what ends it
    /// @throws IllegalStateException if there is a replacement already
    public static synchronized Replacement replaceProvider(SandboxProvider provider) {
        Objects.requireNonNull(provider, "provider");
        if (replacement.isPresent()) {
            throw new IllegalStateException(
                    "the provider is replaced by \"%s\" already; close that replacement first"
                            .formatted(replacement.get().provider().name()));
        }
        LOG.warn("sandboxes are made by the provider \"{}\" from now on", provider.name());
        replacement = Optional.of(new Replacement(provider));
        return replacement.get();
    }

    private static synchronized void end(Replacement ended) {
        if (replacement.filter(present -> present == ended).isPresent()) {
            replacement = Optional.empty();
            LOG.warn("the provider \"{}\" makes no more sandboxes", ended.provider().name());
        }
    }

    /// That another provider makes the sandboxes, until it is closed. Thread-safe.
    public static final class Replacement implements AutoCloseable {
        private final SandboxProvider provider;

        private Replacement(SandboxProvider provider) {
            this.provider = provider;
        }

        /// {@return the provider that makes the sandboxes}
        public SandboxProvider provider() {
            return provider;
        }

        /// Lets the provider of this system make sandboxes again. Those of the other one stay as
        /// they are. Closing again does nothing.
        @Override
        public void close() {
            end(this);
        }
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
