package io.cloister.samples.plugins.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Which files outside of the JDK a virtual machine needs: those that this one has mapped, which
/// are the C library and its loader.
final class VirtualMachineFiles {
    private static final List<Path> LOADER_PLACES = List.of(Path.of("/lib64"), Path.of("/lib"));

    private VirtualMachineFiles() {}

    /// Places inside a sandbox to files of the host.
    static Map<String, Path> libraries(Path javaHome) throws IOException {
        Map<String, Path> libraries = new TreeMap<>();
        for (Path library : mapped(Files.readString(Path.of("/proc/self/maps")), javaHome)) {
            libraries.put(library.toString(), library);
            // The loader's name in a program is not where distributions keep it.
            for (Path place : LOADER_PLACES) {
                Path name = place.resolve(library.getFileName());
                if (isLoader(library) && Files.exists(name)) {
                    libraries.put(name.toString(), library);
                }
            }
        }
        return libraries;
    }

    /// The libraries in a file `/proc/PID/maps`; proc_pid_maps(5).
    static List<Path> mapped(String maps, Path javaHome) {
        return maps.lines()
                .flatMap(line -> line.indexOf('/') < 0 ? Stream.empty() : Stream.of(line))
                .map(line -> Path.of(line.substring(line.indexOf('/'))))
                .filter(file -> !file.startsWith(javaHome) && isOfTheCLibrary(file))
                .distinct()
                .toList();
    }

    private static boolean isOfTheCLibrary(Path file) {
        return isLoader(file)
                || file.getFileName()
                        .toString()
                        .matches("lib(c|m|dl|pthread|rt|gcc_s|stdc\\+\\+|z)\\.so\\.[0-9.]+");
    }

    private static boolean isLoader(Path file) {
        return file.getFileName().toString().startsWith("ld-");
    }
}
