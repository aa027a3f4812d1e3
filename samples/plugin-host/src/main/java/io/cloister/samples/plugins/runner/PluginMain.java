package io.cloister.samples.plugins.runner;

import io.cloister.samples.plugins.wire.Connection;
import io.cloister.samples.plugins.wire.Services;

import org.pf4j.ExtensionFactory;
import org.pf4j.ExtensionPoint;
import org.pf4j.JarPluginManager;
import org.pf4j.PluginManager;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The program in the sandbox: loads the plugin of the jar that its argument names, and serves its
/// extensions on the socket that is its standard input, until the host closes that.
public final class PluginMain {
    private PluginMain() {}

    /// Runs until the host closes the socket.
    ///
    /// @param args the jar
    /// @throws IOException if the socket breaks
    /// @throws InterruptedException never
    public static void main(String[] args) throws IOException, InterruptedException {
        if (!(System.inheritedChannel() instanceof SocketChannel socket)) {
            throw new IllegalStateException("standard input must be a connected socket");
        }
        Services services = new Services(_ -> {});
        Connection connection = new Connection(socket, services, _ -> {});
        // Before the plugin: its constructors may call services of the host.
        Thread reader =
                Thread.ofPlatform().daemon().name("connection").start(() -> serve(connection));
        load(Path.of(args[0]), services, new Injection(connection));
        connection.sayReady();
        reader.join();
    }

    private static void serve(Connection connection) {
        try {
            connection.serve();
            System.exit(0);
        } catch (IOException e) {
            System.err.println("the connection to the host broke: " + e);
            System.exit(1);
        }
    }

    private static void load(Path jar, Services services, ExtensionFactory factory) {
        PluginManager plugins =
                new JarPluginManager(jar.getParent()) {
                    @Override
                    protected ExtensionFactory createExtensionFactory() {
                        return factory;
                    }
                };
        String id = plugins.loadPlugin(jar);
        plugins.startPlugin(id);
        List<?> extensions = plugins.getExtensions(id);
        if (extensions.isEmpty()) {
            throw new IllegalStateException(id + " has no extensions");
        }
        for (Object extension : extensions) {
            for (Class<?> point : points(extension.getClass())) {
                if (!services.add(point, extension)) {
                    throw new IllegalStateException("two extensions of " + point.getName());
                }
            }
        }
    }

    /// The interfaces that a class has itself or from those above it.
    private static Set<Class<?>> points(Class<?> type) {
        Set<Class<?>> points = new LinkedHashSet<>();
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> direct : c.getInterfaces()) {
                points.add(direct);
                points.addAll(points(direct));
            }
        }
        points.removeIf(point ->
                point == ExtensionPoint.class || !ExtensionPoint.class.isAssignableFrom(point));
        return points;
    }
}
