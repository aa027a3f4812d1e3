package io.cloister.samples.plugins.cli;

import io.cloister.samples.plugins.host.PluginEvent;
import io.cloister.samples.plugins.host.PluginListener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Keeps what happened, to be asked for it.
final class Journal implements PluginListener {
    private final List<PluginEvent> events = new ArrayList<>();

    @Override
    public synchronized void on(PluginEvent event) {
        // Of a flood the first line will do.
        if (!(event instanceof PluginEvent.Wrote(String plugin, _, String line))
                || saysSomething(line) && firstLine(plugin).isEmpty()) {
            events.add(event);
            notifyAll();
        }
    }

    private static boolean saysSomething(String line) {
        return line.chars().anyMatch(Character::isLetter);
    }

    synchronized int starts(String plugin) {
        return of(plugin, PluginEvent.Started.class).size();
    }

    synchronized List<String> refusals(String plugin) {
        return of(plugin, PluginEvent.Refused.class).stream()
                .map(PluginEvent.Refused::what)
                .toList();
    }

    synchronized Optional<String> firstLine(String plugin) {
        return of(plugin, PluginEvent.Wrote.class).stream()
                .map(PluginEvent.Wrote::line)
                .findFirst();
    }

    synchronized Optional<PluginEvent.Ended> awaitEnd(String plugin, Duration patience) {
        await(() -> !of(plugin, PluginEvent.Ended.class).isEmpty(), patience);
        return of(plugin, PluginEvent.Ended.class).stream().findFirst();
    }

    /// @param count of the start to wait for, from 1
    synchronized boolean awaitStart(String plugin, int count, Duration patience) {
        return await(() -> starts(plugin) >= count, patience);
    }

    private boolean await(BooleanSupplier condition, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private <T extends PluginEvent> List<T> of(String plugin, Class<T> type) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(event -> event.plugin().equals(plugin))
                .toList();
    }
}
