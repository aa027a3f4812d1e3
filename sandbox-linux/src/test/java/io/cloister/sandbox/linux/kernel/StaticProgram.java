package io.cloister.sandbox.linux.kernel;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// A program in C that is compiled when it is made, and deleted when the JVM ends.
final class StaticProgram {

    private final String name;
    private final Path directory;
    private final String refused;

    /// @param flags for the compiler, beside the usual ones
    StaticProgram(String name, String source, String... flags) {
        this.name = name;
        try {
            directory = Files.createTempDirectory(name);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(source(), source);
            refused = compile(List.of(flags));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
    }

    /// The program on the host. Aborts the test where it cannot be made.
    Path path() {
        Assumptions.assumeTrue(refused.isEmpty(), refused);
        return directory.resolve(name);
    }

    private Path source() {
        return directory.resolve(name + ".c");
    }

    private String compile(List<String> flags) throws IOException {
        String from = source().toString();
        List<String> words = new ArrayList<>(List.of("gcc", "-O1", "-w", "-static", "-pthread"));
        words.addAll(flags);
        words.addAll(List.of("-o", name, from));
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder(words)
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
        throw new IllegalStateException(name + " does not compile:\n" + said);
    }

    private void delete() {
        try {
            Files.deleteIfExists(directory.resolve(name));
            Files.deleteIfExists(source());
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
