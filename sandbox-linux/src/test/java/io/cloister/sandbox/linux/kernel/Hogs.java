package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// The program of [HogSource] and [HogActs], compiled once per JVM, and sandboxes that have it at
/// `/hog`.
final class Hogs {

    /// Longer than any of these tests takes on a slow machine: a hang ends as WALL_TIME.
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private static final StaticProgram COMPILED =
            new StaticProgram("hog", HogSource.TEXT + HogActs.TEXT);

    private Hogs() {}

    /// The program on the host. Aborts the test where it cannot be made.
    static Path path() {
        return COMPILED.path();
    }

    /// The default sandbox, with the hog.
    static Sandbox.Builder hogs() {
        return Sandbox.builder().readOnly(path(), "/hog").wallTimeLimit(PATIENCE);
    }

    /// A command that does acts, one after the other: `heap 16 , say taken , line`.
    static Command hog(String acts) {
        return Command.of("/hog", acts.split(" "));
    }

    /// Ends a hog's act `line`.
    static void nextLine(SandboxProcess process) throws IOException {
        process.getOutputStream().write("\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }
}
