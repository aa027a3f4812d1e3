package io.cloister.sandbox.check;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Objects;

/// Checks of paths, on the host and inside the sandbox. Source: path_resolution(7).
public final class Paths {
    /// PATH_MAX without the NUL.
    private static final int MAX_PATH = 4095;

    /// NAME_MAX.
    private static final int MAX_NAME = 255;

    private Paths() {}

    /// Checks a path of the host: it names one place whatever the JVM's directory is.
    ///
    /// @param path the path
    /// @return `path`
    public static Path host(Path path) {
        Objects.requireNonNull(path, "path");
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "a path of the host must be of the default file system, was " + path.toUri());
        }
        String text = path.toString();
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(
                    "a path of the host must be absolute, was \"" + Texts.visible(text) + "\"");
        }
        if (!path.normalize().equals(path)) {
            throw new IllegalArgumentException(
                    "a path of the host must be normalized, was \"" + Texts.visible(text) + "\"");
        }
        Texts.printable("a path of the host", text);
        return path;
    }

    /// Checks an absolute path inside the sandbox.
    ///
    /// @param what names the path in the message
    /// @param path the path
    /// @return `path`
    public static String inside(String what, String path) {
        Texts.printable(what, path);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(what + " must be absolute, was \"" + path + "\"");
        }
        checkLength(what, path);
        return path;
    }

    /// Checks a place inside the sandbox at which something can be put, written in the one way that
    /// there is for each place.
    ///
    /// @param what names the path in the message
    /// @param path the path
    /// @return `path`
    public static String place(String what, String path) {
        inside(what, path);
        if (path.equals("/")) {
            throw new IllegalArgumentException(what + " must not be the root, was \"/\"");
        }
        for (String name : path.substring(1).split("/", -1)) {
            checkName(what, path, name);
        }
        return path;
    }

    private static void checkName(String what, String path, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    what + " must not have a doubled or trailing slash, was \"" + path + "\"");
        }
        if (name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "%s must not hold \"%s\", was \"%s\"".formatted(what, name, path));
        }
        if (Texts.bytes(name) > MAX_NAME) {
            throw new IllegalArgumentException(
                    "each name in %s must be <= %d bytes, was \"%s\""
                            .formatted(what, MAX_NAME, name));
        }
    }

    /// Checks the target of a symbolic link.
    ///
    /// @param target the target, absolute or not
    /// @return `target`
    public static String linkTarget(String target) {
        Texts.printable("target", target);
        if (target.isEmpty()) {
            throw new IllegalArgumentException("target must not be empty");
        }
        checkLength("target", target);
        return target;
    }

    private static void checkLength(String what, String path) {
        if (Texts.bytes(path) > MAX_PATH) {
            throw new IllegalArgumentException(
                    "%s must be <= %d bytes, was %d".formatted(what, MAX_PATH, Texts.bytes(path)));
        }
    }
}
