package io.cloister.sandbox;

import io.cloister.sandbox.check.Texts;

import java.time.Duration;
import java.util.Objects;

/// Checks of what several types of this package take.
final class Checks {
    private static final int MAX_NAME = 64;

    /// About 146 years: half of what the kernel's clocks count to.
    private static final Duration MAX_OFFSET = Duration.ofSeconds(4_611_686_018L);

    private Checks() {}

    /// A name and a value that a program can find again in its environment.
    static void environment(String name, String value) {
        Objects.requireNonNull(name, "name of an environment variable");
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "the name of an environment variable must not be empty or hold '=' or NUL,"
                            + " was \""
                            + Texts.visible(name.replaceFirst("=.*", "=..."))
                            + "\"");
        }
        Texts.withoutNul("the value of environment variable " + name, value);
    }

    /// A host name or a domain name.
    static String hostName(String what, String name) {
        Objects.requireNonNull(name, what);
        if (!name.matches("[A-Za-z0-9._-]{1," + MAX_NAME + "}")) {
            throw new IllegalArgumentException(
                    "%s must be 1 to %d letters, digits, '.', '_' or '-', was \"%s\""
                            .formatted(what, MAX_NAME, Texts.visible(name)));
        }
        return name;
    }

    /// Permission bits.
    static int umask(int umask) {
        if (umask < 0 || umask > 0777) {
            throw new IllegalArgumentException(
                    "umask must be 0 to 0777, was "
                            + (umask < 0 ? umask : "0" + Integer.toOctalString(umask)));
        }
        return umask;
    }

    /// An offset that the kernel takes, as far as that can be said without its clock.
    static Duration clockOffset(SandboxClock clock, Duration offset) {
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(offset, "offset");
        if (offset.compareTo(MAX_OFFSET) > 0 || offset.compareTo(MAX_OFFSET.negated()) < 0) {
            throw new IllegalArgumentException(
                    "offset of clock %s must be -%s to %s, was %s"
                            .formatted(
                                    clock.label(),
                                    Units.formatDuration(MAX_OFFSET),
                                    Units.formatDuration(MAX_OFFSET),
                                    Units.formatDuration(offset)));
        }
        return offset;
    }
}
