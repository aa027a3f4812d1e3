package io.cloister.samples.build.surefire;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/// What is told of one JVM of tests.
///
/// @param run tells this JVM from others, and this build from earlier ones; empty outside of builds
/// @param status the exit status
/// @param java home of the Java that ran
/// @param processorSeconds what the tests took, which the times of Maven's children do not hold
/// @param acts what was tried
/// @param enforced by what means each limit held
record Report(
        String run,
        int status,
        String java,
        double processorSeconds,
        List<Act> acts,
        List<String> enforced) {
    /// In the directory of the build: a file for each JVM. Tests can read it, and no more.
    static final String DIRECTORY = "sandbox-reports";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Lines for people; none if all is well.
    List<String> lines() {
        if (acts.isEmpty()) {
            return List.of();
        }
        return Stream.concat(
                        Stream.of("the tests tried what the sandbox does not let them do:"),
                        acts.stream().map(act -> "  " + act))
                .toList();
    }

    /// Writes it as a whole.
    Path write(Path directory) throws IOException {
        byte[] text = JSON.writeValueAsBytes(this);
        Path fresh = Files.createTempFile(directory, ".report", null);
        try {
            Files.write(fresh, text);
            Path file = directory.resolve((run.isEmpty() ? "java" : run) + ".json");
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
