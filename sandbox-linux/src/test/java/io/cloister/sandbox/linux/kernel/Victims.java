package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The programs of [VictimSource] and [HostileSource], compiled once per JVM, and sandboxes that
/// have the first at `/victim`.
final class Victims {

    /// Where sandboxes have it.
    static final String PROGRAM = "/victim";

    /// Longer than any of these tests takes on a slow machine: a hang ends as WALL_TIME.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Victims COMPILED =
            new Victims(
                    "victim",
                    VictimSource.TEXT
                            + VictimSharing.TEXT
                            + VictimPrivileges.TEXT
                            + VictimSource.MAIN);

    private final String name;
    private final String text;

    private final Path directory;
    private final String refused;

    /// Compiled when it is first wanted.
    private static final class Hostile {
        private static final Victims COMPILED = new Victims("hostile", HostileSource.TEXT);
    }

    private Victims(String name, String text) {
        this.name = name;
        this.text = text;
        try {
            directory = Files.createTempDirectory(name);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            refused = compile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
    }

    private String compile() throws IOException {
        Path source = directory.resolve(name + ".c");
        Files.writeString(source, text);
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder(
                                    "gcc", "-O1", "-w", "-static", "-o", name, name + ".c", "-lrt")
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            return "no gcc here: install the Debian packages gcc and libc6-dev";
        }
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (compiler.onExit().join().exitValue() == 0) {
            return "";
        }
        if (said.contains("cannot find -lc") || said.contains("No such file or directory")) {
            return "no static C library here: install the Debian package libc6-dev";
        }
        throw new IllegalStateException("the victim does not compile:\n" + said);
    }

    private void delete() {
        try {
            for (String file : List.of(name, name + ".c")) {
                Files.deleteIfExists(directory.resolve(file));
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The program on the host. Aborts the test where it cannot be made.
    static Path path() {
        return COMPILED.program();
    }

    /// The program of [HostileSource] on the host, likewise.
    static Path hostile() {
        return Hostile.COMPILED.program();
    }

    private Path program() {
        Assumptions.assumeTrue(refused.isEmpty(), refused);
        return directory.resolve(name);
    }

    /// The default sandbox, with the victim.
    static Sandbox.Builder strict() {
        return with(Sandbox.builder());
    }

    /// The confined tier, with the victim where the host has it.
    static Sandbox.Builder confined() {
        return Sandbox.builder().confined().readOnly(path()).wallTimeLimit(PATIENCE);
    }

    /// The command for one act in the confined tier.
    static Command onPath(String... act) {
        return Command.of(path().toString(), act);
    }

    /// `builder` with the victim.
    static Sandbox.Builder with(Sandbox.Builder builder) {
        return builder.readOnly(path(), PROGRAM).wallTimeLimit(PATIENCE);
    }

    /// The command for one act inside.
    static Command victim(String... act) {
        return Command.of(PROGRAM, act);
    }

    /// One system call inside; see [VictimSource].
    static Command call(String name, Object... arguments) {
        List<String> words = new ArrayList<>(List.of(PROGRAM, "sys", name));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return Command.of(words);
    }

    /// Does one act on the host, outside any sandbox; returns its exit code.
    static int onHost(String... act) {
        List<String> words = new ArrayList<>(List.of(path().toString()));
        words.addAll(List.of(act));
        try {
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.onExit().join().exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
