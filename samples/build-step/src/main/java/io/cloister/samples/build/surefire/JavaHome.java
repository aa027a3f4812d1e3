package io.cloister.samples.build.surefire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Which Java runs the tests: the one that is set, else `JAVA_HOME`, else the one Maven runs with.
final class JavaHome {
    private JavaHome() {}

    /// @param set by the settings; may be empty
    /// @param variable the value of `JAVA_HOME`, which Surefire 3 sets to the home of this launcher
    /// @param self the home of this launcher
    /// @param callers executables of the processes that called it, nearest first
    static Path find(String set, Optional<String> variable, Path self, Stream<Path> callers) {
        if (!set.isEmpty()) {
            return checked(Path.of(set), "java-home");
        }
        Optional<Path> named =
                variable.map(Path::of)
                        .map(Path::toAbsolutePath)
                        .filter(it -> !real(it).equals(real(self)));
        if (named.isPresent()) {
            return checked(named.get(), "JAVA_HOME");
        }
        return callers.filter(it -> it.endsWith("bin/java"))
                .findFirst()
                .map(it -> it.getParent().getParent())
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no Java for the tests: nothing that called this is one;"
                                        + " set BUILD_STEP_JAVA_HOME, or java-home in"
                                        + " sandbox.properties"));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            // Whatever it is, it is not where this launcher lies.
            return path.normalize();
        }
    }

    private static Path checked(Path home, String what) {
        if (!Files.isExecutable(home.resolve("bin/java"))) {
            throw new IllegalArgumentException(
                    "%s is %s, in which there is no bin/java".formatted(what, home));
        }
        return home;
    }
}
