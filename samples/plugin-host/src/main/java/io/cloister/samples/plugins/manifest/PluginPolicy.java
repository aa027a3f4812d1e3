package io.cloister.samples.plugins.manifest;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.syscall.SyscallPolicy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// From permissions to the policy of a sandbox, and to the command that runs in it. Pure.
public final class PluginPolicy {
    /// Where a plugin finds its own directory.
    public static final String DATA = "/data";

    private static final String RUNTIME = "/runtime/";
    private static final String CACHE = "/runtime.aot";
    private static final String JAR = "/plugin/plugin.jar";
    private static final String MAIN = "io.cloister.samples.plugins.runner.PluginMain";
    private static final Bytes SCRATCH = Bytes.mebibytes(8);

    private PluginPolicy() {}

    /// What of the host is shown to a plugin, all of it read-only but for the data.
    ///
    /// @param javaHome the JDK
    /// @param libraries what the virtual machine needs of the C library: files to places inside
    /// @param runtime the jars of the runner, in the order of its class path
    /// @param cache what makes it start faster, if there is such a file
    /// @param plugin the jar
    /// @param data the directory of this plugin
    public record Files(
            Path javaHome,
            Map<String, Path> libraries,
            List<Path> runtime,
            Optional<Path> cache,
            Path plugin,
            Path data) {}

    /// {@return the policy}
    ///
    /// @param granted what the plugin may do
    /// @param files what is shown to it
    /// @param variables the environment of the host
    public static SandboxSpec spec(
            Permissions granted, Files files, Map<String, String> variables) {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .emptyRootWithDevices()
                        .readOnly(files.javaHome)
                        .readOnly(files.plugin, JAR)
                        .tmpfs("/tmp", SCRATCH)
                        .syscalls(SyscallPolicy.plugin())
                        .hostName("plugin")
                        .onlyEnvironment(
                                variables.entrySet().stream()
                                        .filter(v -> granted.environment().contains(v.getKey()))
                                        .collect(
                                                Collectors.toMap(
                                                        Map.Entry::getKey, Map.Entry::getValue)))
                        .memoryLimit(granted.memory())
                        .cpus(granted.cpus())
                        .pidsLimit(granted.processes())
                        .outputLimit(granted.output())
                        // A plugin may live as long as its host.
                        .unlimitedCpuTime()
                        .unlimitedWallTime()
                        .bestEffort(LimitItem.MEMORY, LimitItem.CPUS, LimitItem.PIDS);
        files.libraries.forEach((inside, library) -> builder.readOnly(library, inside));
        files.runtime.forEach(jar -> builder.readOnly(jar, RUNTIME + jar.getFileName()));
        files.cache.ifPresent(cache -> builder.readOnly(cache, CACHE));
        switch (granted.files()) {
            case NONE -> {}
            case READ_ONLY -> builder.readOnly(files.data, DATA);
            case READ_WRITE -> builder.writable(files.data, DATA);
        }
        return builder.spec();
    }

    /// {@return the command that runs a plugin}
    ///
    /// @param granted what the plugin may do
    /// @param files what is shown to it
    /// @param options further options of the virtual machine
    public static Command command(Permissions granted, Files files, String... options) {
        long memory = granted.memory().value();
        List<String> words = new ArrayList<>();
        words.add(files.javaHome.resolve("bin/java").toString());
        words.addAll(
                List.of(
                        "-Xmx" + memory / 2,
                        "-Xss512k",
                        "-XX:ReservedCodeCacheSize=24m",
                        "-XX:ActiveProcessorCount=" + Math.max(2, (int) Math.ceil(granted.cpus())),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        // Calls that compute keep their carrier; so many may do that at a time.
                        "-Djdk.virtualThreadScheduler.parallelism=8",
                        "-XX:-UsePerfData",
                        // Whose heap is full can't be trusted to answer.
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:ErrorFile=/dev/null",
                        // The virtual machine would write warnings to standard output.
                        "-Xlog:disable",
                        "-Xlog:all=warning:stderr",
                        "-Dslf4j.internal.verbosity=WARN"));
        files.cache.ifPresent(_ -> words.add("-XX:AOTCache=" + CACHE));
        words.addAll(List.of(options));
        words.add("--class-path");
        words.add(
                files.runtime.stream()
                        .map(jar -> RUNTIME + jar.getFileName())
                        .collect(Collectors.joining(":")));
        words.add(MAIN);
        words.add(JAR);
        return Command.of(words);
    }
}
