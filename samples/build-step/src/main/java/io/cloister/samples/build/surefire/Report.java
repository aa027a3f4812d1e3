package io.cloister.samples.build.surefire;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/// What is told of one JVM of tests, or of several of one build.
///
/// @param build tells this build from earlier ones
/// @param status the exit status
/// @param java home of the Java that ran
/// @param processorSeconds what the tests took, which the times of Maven's children do not hold
/// @param acts what was tried
/// @param enforced by what means each limit held
record Report(
        String build,
        int status,
        String java,
        double processorSeconds,
        List<Act> acts,
        List<String> enforced) {
    static final String FILE = "sandbox-report.json";

    private static final long LONGEST = 1 << 20;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Lines for people, the first of which says how many there are; none if all is well.
    List<String> lines() {
        if (acts.isEmpty()) {
            return List.of();
        }
        return Stream.concat(
                        Stream.of("the tests tried what the sandbox does not let them do:"),
                        acts.stream().map(act -> "  " + act))
                .toList();
    }

    /// Writes it into a directory that the tests could write to, after they have ended: what they
    /// left at its name is read with care or replaced, never followed.
    Path write(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        Report all = earlier(file);
        Path fresh = Files.createTempFile(directory, FILE, null);
        Files.write(fresh, JSON.writeValueAsBytes(all));
        return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// With what an earlier JVM of the same build has left there.
    private Report earlier(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LONGEST) {
            return this;
        }
        try {
            Report earlier = JSON.readValue(Files.readAllBytes(file), Report.class);
            if (!earlier.build.equals(build)) {
                return this;
            }
            return new Report(
                    build,
                    status == 0 ? earlier.status : status,
                    java,
                    earlier.processorSeconds + processorSeconds,
                    Stream.concat(earlier.acts.stream(), acts.stream()).distinct().toList(),
                    enforced);
        } catch (JacksonException e) {
            // Not ours: the tests have written it.
            return this;
        }
    }
}
