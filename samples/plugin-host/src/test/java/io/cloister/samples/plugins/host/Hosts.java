package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.api.ExchangeRates;
import io.cloister.samples.plugins.api.Vault;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.supervise.RestartPolicy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Hosts as the tests need them, with what the build has made.
final class Hosts {
    static final Path RUNTIME = Path.of("target/runtime");

    private Hosts() {}

    static Path jar(String plugin) {
        return Path.of("target/plugins", plugin + ".jar").toAbsolutePath();
    }

    /// Recorded once, and not by each test.
    private static Path cache() throws IOException, InterruptedException {
        StartCache cache = new StartCache(RUNTIME, Path.of("target/cache").toAbsolutePath());
        return cache.find().isPresent() ? cache.find().get() : cache.record(jar("discount"));
    }

    static PluginHost.Builder builder(Path data, PluginListener listener)
            throws IOException, InterruptedException {
        return PluginHost.builder(RUNTIME, data)
                .cache(Optional.of(cache()))
                .most(Permissions.of(Map.of("Services", "ExchangeRates", "Files", "read-write")))
                .service(ExchangeRates.class, currency -> new BigDecimal("1.25"))
                .service(Vault.class, name -> "the secret " + name)
                .restarts(
                        new RestartPolicy(
                                Duration.ofMillis(50),
                                Duration.ofSeconds(1),
                                Duration.ofMinutes(1),
                                3))
                .patience(
                        new Patience(
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(5)))
                .listener(listener);
    }
}
