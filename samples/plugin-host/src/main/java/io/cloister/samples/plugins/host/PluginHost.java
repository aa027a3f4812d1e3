package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.manifest.Grant;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.manifest.PluginManifest;
import io.cloister.samples.plugins.manifest.PluginPolicy;
import io.cloister.samples.plugins.supervise.EndCause.Kind;
import io.cloister.samples.plugins.supervise.RestartPolicy;
import io.cloister.samples.plugins.wire.Services;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.Sandboxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Runs plugins. Thread-safe; whoever builds it closes it, which ends all of them.
public final class PluginHost implements AutoCloseable {
    /// A plugin that is refused that often is no mistake of its author.
    private static final int MOST_REFUSALS = 100;

    private static final System.Logger LOG = System.getLogger(PluginHost.class.getName());

    private final Builder settings;
    private final VirtualMachine machine;
    private final PluginListener listener;
    private final List<String> weaker = Weakness.of(Sandboxes.probe());
    private final Map<String, Plugin> plugins = new ConcurrentHashMap<>();
    private boolean closed;

    private PluginHost(Builder settings) throws IOException {
        this.settings = settings;
        this.listener = isolated(settings.listener);
        this.machine = VirtualMachine.find(settings.runtime, settings.cache);
    }

    /// What a listener throws ends no plugin, and no watch over one.
    private static PluginListener isolated(PluginListener listener) {
        return event -> {
            try {
                listener.on(event);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "the listener failed at " + event, e);
            }
        };
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
    /// @param jar the jar, which has the name that the administrator gives the plugin; the jar
    ///   itself must go by no other
    /// @return the plugin, which starts in the background
    /// @throws IOException if the jar can't be read
    /// @throws IllegalArgumentException if its manifest is refused, or one with its id was loaded
    /// @throws IllegalStateException if this host is closed
    /// @throws io.cloister.sandbox.SandboxUnavailableException if this host has no sandbox for it
    public Plugin load(Path jar) throws IOException {
        Path file = jar.toRealPath();
        PluginManifest manifest = PluginManifest.read(file);
        String id = manifest.id();
        if (!jar.endsWith(id + ".jar")) {
            // Else it could take the directory of another.
            throw new IllegalArgumentException(
                    "%s says that it is %s; name it %s.jar if it is".formatted(jar, id, id));
        }
        Grant grant = Grant.of(manifest.permissions(), settings.most);
        Permissions granted = grant.permissions();
        PluginPolicy.Files files = machine.files(file, data(id, granted));
        Sandbox sandbox = Sandbox.of(PluginPolicy.spec(granted, files, System.getenv()));
        Plugin plugin =
                new Plugin(
                        manifest,
                        () -> start(id, granted, files, sandbox),
                        settings.restarts,
                        settings.patience,
                        listener,
                        () -> {
                            sandbox.close();
                            plugins.computeIfPresent(
                                    id, (_, p) -> p.manifest() == manifest ? null : p);
                        });
        synchronized (this) {
            if (closed || plugins.putIfAbsent(id, plugin) != null) {
                sandbox.close();
                throw closed
                        ? new IllegalStateException("the host is closed")
                        : new IllegalArgumentException("a plugin " + id + " is loaded already");
            }
            plugin.start();
        }
        if (!grant.cuts().isEmpty()) {
            listener.on(new PluginEvent.Curtailed(id, grant.cuts()));
        }
        if (!weaker.isEmpty()) {
            listener.on(new PluginEvent.Weaker(id, weaker));
        }
        return plugin;
    }

    private PluginRun start(
            String id, Permissions granted, PluginPolicy.Files files, Sandbox sandbox)
            throws IOException, InterruptedException {
        AtomicReference<Optional<PluginRun>> run = new AtomicReference<>(Optional.empty());
        AtomicInteger refusals = new AtomicInteger();
        Services services =
                new Services(what -> {
                    int count = refusals.incrementAndGet();
                    if (count < MOST_REFUSALS) {
                        listener.on(new PluginEvent.Refused(id, what));
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
        LineLog stdout = log(id, "stdout");
        LineLog stderr = log(id, "stderr");
        SandboxProcess process =
                sandbox.start(
                        PluginPolicy.command(granted, files)
                                .stdin(Input.socket())
                                .stdout(Output.consumer(stdout))
                                .stderr(Output.consumer(stderr)));
        try {
            PluginRun started =
                    new PluginRun(
                            id, process, services, settings.patience, List.of(stdout, stderr));
            run.set(Optional.of(started));
            return started;
        } catch (RuntimeException | IOException | Error e) {
            // It has no owner.
            process.cancel();
            throw e;
        }
    }

    private LineLog log(String id, String stream) {
        return new LineLog(line -> listener.on(new PluginEvent.Wrote(id, stream, line)));
    }

    private Path data(String id, Permissions granted) throws IOException {
        Path data = settings.data.resolve(id);
        return granted.files() == Permissions.Files.NONE ? data : Files.createDirectories(data);
    }

    /// Ends all plugins and returns when they are dead.
    @Override
    public void close() {
        List<Plugin> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(plugins.values());
        }
        RuntimeException problem = null;
        for (Plugin plugin : open) {
            try {
                plugin.close();
            } catch (RuntimeException e) {
                // The others are to end nevertheless.
                if (problem == null) {
                    problem = e;
                } else {
                    problem.addSuppressed(e);
                }
            }
        }
        if (problem != null) {
            throw problem;
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
        /// @throws IllegalArgumentException if another service has that name
        public <T> Builder service(Class<T> type, T service) {
            boolean taken =
                    services.keySet().stream()
                            .anyMatch(t ->
                                    t != type && t.getSimpleName().equals(type.getSimpleName()));
            if (taken) {
                throw new IllegalArgumentException(
                        "two services can't be named " + type.getSimpleName());
            }
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
