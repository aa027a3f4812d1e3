package io.cloister.sandbox;

import java.util.Objects;

/// How the terminal of a command is when its program starts; the program may change both.
///
/// @param size its size
/// @param raw whether bytes pass unchanged both ways: no line editing, no echo, no signal for
///   Ctrl-C or Ctrl-Z, no carriage return before a line feed (cfmakeraw(3)). By default the
///   terminal is as a login finds it
public record TerminalSettings(TerminalSize size, boolean raw) {
    /// Refuses null.
    public TerminalSettings {
        Objects.requireNonNull(size, "size");
    }

    /// {@return a terminal as a login finds it}
    ///
    /// @param size its size
    public static TerminalSettings of(TerminalSize size) {
        return new TerminalSettings(size, false);
    }

    /// {@return the same with bytes passing unchanged}
    public TerminalSettings asRaw() {
        return new TerminalSettings(size, true);
    }
}
