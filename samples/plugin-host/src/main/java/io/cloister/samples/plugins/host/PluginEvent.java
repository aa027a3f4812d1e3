package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.supervise.EndCause;

import java.time.Duration;
import java.util.List;

/// What happens to a plugin. Texts of plugins in it are bounded and visible.
public sealed interface PluginEvent {
    /// {@return the id of the plugin}
    String plugin();

    /// It asked for more than it gets.
    ///
    /// @param plugin the id of the plugin
    /// @param cuts what it does not get
    record Curtailed(String plugin, List<String> cuts) implements PluginEvent {}

    /// It can be called.
    ///
    /// @param plugin the id of the plugin
    /// @param took the time since its start was asked for
    record Started(String plugin, Duration took) implements PluginEvent {}

    /// This host has no control groups for some of its limits, which are only watched or not
    /// enforced at all.
    ///
    /// @param plugin the id of the plugin
    /// @param missing what is not there, and why
    record Weaker(String plugin, List<String> missing) implements PluginEvent {}

    /// It has ended, and nobody had asked for that.
    ///
    /// @param plugin the id of the plugin
    /// @param cause why
    record Ended(String plugin, EndCause cause) implements PluginEvent {}

    /// It is restarted, after a time.
    ///
    /// @param plugin the id of the plugin
    /// @param delay the time
    /// @param failures how many there were one after the other
    record Restarting(String plugin, Duration delay, int failures) implements PluginEvent {}

    /// It is not restarted any more.
    ///
    /// @param plugin the id of the plugin
    /// @param failures how many there were one after the other
    record GivenUp(String plugin, int failures) implements PluginEvent {}

    /// It called a service that it was not granted.
    ///
    /// @param plugin the id of the plugin
    /// @param what it called
    record Refused(String plugin, String what) implements PluginEvent {}

    /// It wrote a line.
    ///
    /// @param plugin the id of the plugin
    /// @param stream `stdout` or `stderr`
    /// @param line the line
    record Wrote(String plugin, String stream, String line) implements PluginEvent {}
}
