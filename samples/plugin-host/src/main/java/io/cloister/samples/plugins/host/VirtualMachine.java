package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.manifest.PluginPolicy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What every plugin is run with.
///
/// @param javaHome the JDK of this virtual machine
/// @param libraries places inside to files of the host
/// @param runtime the class path inside
/// @param cache for its start
record VirtualMachine(
        Path javaHome, Map<String, Path> libraries, List<Path> runtime, Optional<Path> cache) {

    static VirtualMachine find(Path runtime, Optional<Path> cache) throws IOException {
        Path javaHome = Path.of(System.getProperty("java.home")).toRealPath();
        try (Stream<Path> files = Files.list(runtime.toRealPath())) {
            List<Path> jars = files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
            if (jars.isEmpty()) {
                throw new IOException(runtime + " holds no jars; mvn package puts them there");
            }
            return new VirtualMachine(
                    javaHome, VirtualMachineFiles.libraries(javaHome), jars, cache);
        }
    }

    PluginPolicy.Files files(Path plugin, Path data) {
        return new PluginPolicy.Files(javaHome, libraries, runtime, cache, plugin, data);
    }
}
