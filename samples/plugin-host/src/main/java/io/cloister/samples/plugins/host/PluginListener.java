package io.cloister.samples.plugins.host;

/// Is told what happens to plugins, on threads of the host; it should be quick.
@FunctionalInterface
public interface PluginListener {
    /// Takes an event.
    ///
    /// @param event what happened
    void on(PluginEvent event);
}
