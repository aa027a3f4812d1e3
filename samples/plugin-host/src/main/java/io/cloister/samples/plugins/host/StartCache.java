package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.api.ExchangeRates;
import io.cloister.samples.plugins.api.PriceRule;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.manifest.PluginPolicy;
import io.cloister.samples.plugins.wire.CallException;
import io.cloister.samples.plugins.wire.Connection;
import io.cloister.samples.plugins.wire.ProtocolException;
import io.cloister.samples.plugins.wire.Proxies;
import io.cloister.samples.plugins.wire.Services;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/// A file with the classes that every plugin's virtual machine loads, so that it need not load them
/// (JEP 483, 514 and 515). It is recorded once for each version of Java and of the jars.
///
/// All plugins share it, so only the runner and a plugin that is trusted may have a part in its
/// making.
public final class StartCache {
    private static final String PLACE = "/record";
    private static final Bytes SIZE = Bytes.mebibytes(256);
    private static final Duration START = Duration.ofSeconds(60);
    private static final int CALLS = 2000;
    private static final int KEY_BYTES = 8;

    private final VirtualMachine machine;
    private final Path file;

    /// @param runtime the directory with the jars that run inside the sandboxes
    /// @param directory where the file is kept
    /// @throws IOException if the jars can't be read
    public StartCache(Path runtime, Path directory) throws IOException {
        this.machine = VirtualMachine.find(runtime, Optional.empty());
        this.file = directory.resolve("plugins-" + key(machine) + ".aot");
    }

    /// {@return the file, if it was recorded}
    public Optional<Path> find() {
        return Optional.of(file).filter(Files::isRegularFile);
    }

    /// Records the file, which takes seconds.
    ///
    /// @param plugin the jar of a trusted plugin with a [PriceRule]
    /// @return the file
    /// @throws IOException if that fails; plugins start without it too
    /// @throws InterruptedException if the thread is interrupted
    public Path record(Path plugin) throws IOException, InterruptedException {
        Permissions plenty =
                Permissions.of(Map.of("Memory", "1g", "Processes", "256", "Cpus", "4"));
        PluginPolicy.Files files = machine.files(plugin, Path.of("/nonexistent"));
        Files.createDirectories(file.getParent());
        Path draft = Files.createTempDirectory(file.getParent(), "recording").resolve("cache");
        try (Sandbox sandbox =
                        Sandbox.from(PluginPolicy.spec(plenty, files, Map.of()))
                                .tmpfs(PLACE, SIZE)
                                .build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess process =
                    session.start(
                            PluginPolicy.command(plenty, files, "-XX:AOTCacheOutput=/record/cache")
                                    .stdin(Input.socket())
                                    .stdout(Output.capture())
                                    .stderr(Output.merge()));
            train(process);
            SandboxResult result = process.waitForResult();
            if (!result.outcome().isSuccess()) {
                throw new IOException(
                        "recording ended with %s: %s"
                                .formatted(result.outcome(), result.stdoutText()));
            }
            session.files()
                    .copyOut(
                            SandboxPath.of(PLACE + "/cache"),
                            draft,
                            CopyOptions.defaults().maxBytes(SIZE));
            // Whole or not at all, whoever else records.
            return Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
            Files.delete(draft.getParent());
        }
    }

    /// Lets it do what plugins do, and so load what they load; then it ends by itself.
    private static void train(SandboxProcess process) throws IOException, InterruptedException {
        Services services = new Services(_ -> {});
        ExchangeRates rates = _ -> BigDecimal.TWO;
        services.add(ExchangeRates.class, rates);
        try (Connection connection = new Connection(process.socket(), services, _ -> {})) {
            Thread.startVirtualThread(() -> {
                try {
                    connection.serve();
                } catch (IOException e) {
                    // Told to who calls.
                }
            });
            connection.awaitReady(START);
            PriceRule rule = Proxies.of(PriceRule.class, () -> connection);
            PriceRule.Item item = new PriceRule.Item("nail", 10, BigDecimal.ONE);
            for (int i = 0; i < CALLS; i++) {
                rule.price(new PriceRule.Basket("USD", List.of(item, item)));
            }
            connection.ping(START);
        } catch (TimeoutException | ProtocolException | CallException e) {
            process.destroyForcibly();
            throw new IOException(
                    "the plugin could not be called: "
                            + process.waitForResult().stdoutText().strip(),
                    e);
        }
    }

    private static String key(VirtualMachine machine) throws IOException {
        StringBuilder key = new StringBuilder();
        key.append(Runtime.version()).append(machine.javaHome());
        for (Path jar : machine.runtime()) {
            key.append(jar.getFileName())
                    .append(Files.size(jar))
                    .append(Files.getLastModifiedTime(jar));
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, KEY_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
