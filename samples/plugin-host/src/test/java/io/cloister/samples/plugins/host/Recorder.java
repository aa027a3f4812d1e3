package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Keeps all events, and waits for those to come.
final class Recorder implements PluginListener {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private final List<PluginEvent> events = new ArrayList<>();

    @Override
    public synchronized void on(PluginEvent event) {
        events.add(event);
        notifyAll();
    }

    synchronized <T extends PluginEvent> List<T> all(String plugin, Class<T> type) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(event -> event.plugin().equals(plugin))
                .toList();
    }

    /// The event of this type with this number, from 1.
    synchronized <T extends PluginEvent> T await(String plugin, Class<T> type, int number)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (all(plugin, type).size() < number) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            assertThat(millis).as("waiting for %s; events: %s", type, events).isPositive();
            wait(Math.max(1, millis));
        }
        return all(plugin, type).get(number - 1);
    }
}
