package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.manifest.Grant;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.manifest.PluginManifest;
import io.cloister.samples.plugins.manifest.PluginPolicy;
import io.cloister.samples.plugins.supervise.EndCause;
import io.cloister.samples.plugins.supervise.EndCause.Kind;
import io.cloister.samples.plugins.supervise.RestartPolicy;
import io.cloister.samples.plugins.wire.Services;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Runs plugins. Thread-safe; whoever builds it closes it, which ends all of them.
public final class PluginHost implements AutoCloseable {
    /// A plugin that is refused that often is no mistake of its author.
    private static final int MOST_REFUSALS = 100;

    private final Builder settings;
    private final VirtualMachine machine;
    private final Map<String, Loaded> plugins = new ConcurrentHashMap<>();

    private record Loaded(Plugin plugin, Sandbox sandbox) {}

    private PluginHost(Builder settings) throws IOException {
        this.settings = settings;
        this.machine = VirtualMachine.find(settings.runtime, settings.cache);
    }

    /// {@return a builder}
    ///
    /// @param runtime the directory with the jars that run inside the sandboxes
    /// @param data the directory in which each plugin that asks for files has one of its own
    public static Builder builder(Path runtime, Path data) {
        return new Builder(runtime, data);
    }

    /// Loads and starts a plugin. Of its jar nothing but the manifest is read here.
    ///
    /// @param jar the jar
    /// @return the plugin, which starts in the background
    /// @throws IOException if the jar can't be read
    /// @throws IllegalArgumentException if its manifest is refused, or one with its id was loaded
    /// @throws io.cloister.sandbox.SandboxUnavailableException if this host has no sandbox for it
    public Plugin load(Path jar) throws IOException {
        PluginManifest manifest = PluginManifest.read(jar);
        String id = manifest.id();
        Grant grant = Grant.of(manifest.permissions(), settings.most);
        PluginListener listener = settings.listener;
        if (!grant.cuts().isEmpty()) {
            listener.on(new PluginEvent.Curtailed(id, grant.cuts()));
        }
        Permissions granted = grant.permissions();
        PluginPolicy.Files files =
                machine.files(jar.toAbsolutePath().normalize(), data(id, granted));
        Command command =
                PluginPolicy.command(granted, files)
                        .stdin(Input.socket())
                        .stdout(log(id, "stdout"))
                        .stderr(log(id, "stderr"));
        Sandbox sandbox = Sandbox.of(PluginPolicy.spec(granted, files, System.getenv()));
        Plugin.Launch launch = () -> start(id, granted, sandbox, command);
        Plugin plugin =
                new Plugin(manifest, launch, settings.restarts, settings.patience, listener);
        if (plugins.putIfAbsent(id, new Loaded(plugin, sandbox)) != null) {
            plugin.close();
            sandbox.close();
            throw new IllegalArgumentException("a plugin " + id + " is loaded already");
        }
        return plugin;
    }

    private PluginRun start(String id, Permissions granted, Sandbox sandbox, Command command)
            throws IOException, InterruptedException {
        AtomicReference<Optional<PluginRun>> run = new AtomicReference<>(Optional.empty());
        AtomicInteger refusals = new AtomicInteger();
        Services services =
                new Services(what -> {
                    int count = refusals.incrementAndGet();
                    if (count < MOST_REFUSALS) {
                        settings.listener.on(new PluginEvent.Refused(id, what));
                    } else {
                        run.get()
                                .ifPresent(r ->
                                        r.kill(
                                                Kind.PROTOCOL,
                                                "called %d times what it was not granted"
                                                        .formatted(count)));
                    }
                });
        settings.services.forEach((type, service) -> {
            if (granted.services().contains(type.getSimpleName())) {
                services.add(type, service);
            }
        });
        SandboxProcess process = sandbox.start(command);
        try {
            PluginRun started = new PluginRun(id, process, services, settings.patience);
            run.set(Optional.of(started));
            return started;
        } catch (IllegalStateException | IOException e) {
            process.cancel();
            EndCause cause = EndCause.of(Optional.empty(), process.waitForResult());
            throw new IOException("ended at once: " + cause.text(), e);
        }
    }

    private Output log(String id, String stream) {
        return Output.consumer(
                new LineLog(line -> settings.listener.on(new PluginEvent.Wrote(id, stream, line))));
    }

    private Path data(String id, Permissions granted) throws IOException {
        Path data = settings.data.resolve(id);
        return granted.files() == Permissions.Files.NONE ? data : Files.createDirectories(data);
    }

    /// Ends all plugins and returns when they are dead.
    @Override
    public void close() {
        for (Loaded loaded : plugins.values()) {
            loaded.plugin.close();
            loaded.sandbox.close();
        }
    }

    /// Settings of a host.
    public static final class Builder {
        private final Path runtime;
        private final Path data;
        private final Map<Class<?>, Object> services = new LinkedHashMap<>();
        private Optional<Path> cache = Optional.empty();
        private Permissions most = Permissions.least();
        private RestartPolicy restarts = RestartPolicy.standard();
        private Patience patience = Patience.standard();
        private PluginListener listener = _ -> {};

        private Builder(Path runtime, Path data) {
            this.runtime = runtime;
            this.data = data;
        }

        /// Starts plugins faster, with a file that [StartCache#record] has made.
        ///
        /// @param file the file
        /// @return this builder
        public Builder cache(Optional<Path> file) {
            cache = file;
            return this;
        }

        /// Sets what any plugin gets at most. By default it is [Permissions#least()].
        ///
        /// @param permissions the most
        /// @return this builder
        public Builder most(Permissions permissions) {
            most = permissions;
            return this;
        }

        /// Offers a service to plugins that ask for it and may have it.
        ///
        /// @param type the interface, whose simple name manifests use
        /// @param service called by many threads at once, with arguments that hostile plugins chose
        /// @return this builder
        public <T> Builder service(Class<T> type, T service) {
            services.put(type, service);
            return this;
        }

        /// Sets how plugins are restarted.
        ///
        /// @param policy the policy
        /// @return this builder
        public Builder restarts(RestartPolicy policy) {
            restarts = policy;
            return this;
        }

        /// Sets when a plugin counts as hung.
        ///
        /// @param times the times
        /// @return this builder
        public Builder patience(Patience times) {
            patience = times;
            return this;
        }

        /// Sets who is told what happens.
        ///
        /// @param who is told
        /// @return this builder
        public Builder listener(PluginListener who) {
            listener = who;
            return this;
        }

        /// {@return the host}
        ///
        /// @throws IOException if the runtime can't be read
        public PluginHost build() throws IOException {
            return new PluginHost(this);
        }
    }
}
