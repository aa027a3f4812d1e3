package io.cloister.samples.build.surefire;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which paths of the host a test has no business with: those of users and of the host's keys, but
/// for what is shown.
///
/// @param directory against which relative paths are resolved
/// @param places below which all is hidden
/// @param shown what the sandbox shows, or need not be told of
/// @param exists whether the host has a path
record Hidden(Path directory, List<Path> places, Collection<Path> shown, Predicate<Path> exists) {

    /// Leads to what a process sees as `/`, as often as one writes it.
    private static final Pattern ROOT =
            Pattern.compile("^(?:/proc/[^/]+(?:/task/[^/]+)?/root(?=/|$))+");

    /// Where keys are, beside the home of the user.
    static final List<Path> KEYS =
            List.of(
                    Path.of("/root"),
                    Path.of("/home"),
                    Path.of("/etc/shadow"),
                    Path.of("/etc/gshadow"),
                    Path.of("/etc/ssh"),
                    Path.of("/etc/ssl/private"),
                    Path.of("/run/docker.sock"),
                    Path.of("/var/run/docker.sock"));

    /// {@return the path, if a program has named one that it should leave alone}
    ///
    /// @param text as the program gave it
    Optional<Path> look(String text) {
        if (text.isEmpty() || isElsewhere(text)) {
            return Optional.empty();
        }
        try {
            Path path = directory.resolve(text).normalize();
            path = Path.of("/" + ROOT.matcher(path.toString()).replaceFirst("")).normalize();
            return Optional.of(path).filter(this::isHidden).filter(exists);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /// Nearly all paths are, and need not be taken apart.
    private boolean isElsewhere(String text) {
        return text.startsWith("/")
                && !text.contains("/.")
                && !text.contains("//")
                && !text.startsWith("/proc/")
                && places.stream().noneMatch(it -> text.startsWith(it.toString()));
    }

    private boolean isHidden(Path path) {
        return places.stream().anyMatch(place -> isBelow(path, place))
                // What leads to something that is shown is there too.
                && shown.stream().noneMatch(it -> path.startsWith(it) || it.startsWith(path));
    }

    /// A home itself is there, and empty; a file of keys is not.
    private static boolean isBelow(Path path, Path place) {
        return path.startsWith(place)
                && (!path.equals(place)
                        || place.startsWith("/etc")
                        || place.endsWith("docker.sock"));
    }
}
