package io.cloister.samples.plugins.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.BindSource;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class PluginPolicyTest {
    private static final PluginPolicy.Files FILES =
            new PluginPolicy.Files(
                    Path.of("/jdk"),
                    Map.of("/lib64/ld.so", Path.of("/usr/lib/ld.so")),
                    List.of(Path.of("/app/a.jar"), Path.of("/app/b.jar")),
                    Optional.empty(),
                    Path.of("/app/plugins/shout.jar"),
                    Path.of("/var/data/shout"));

    @Test
    void nothingOfTheHostIsShownButWhatThePluginNeeds() {
        assertThat(binds(Map.of()))
                .containsExactlyInAnyOrder(
                        "/jdk -> /jdk",
                        "/usr/lib/ld.so -> /lib64/ld.so",
                        "/app/a.jar -> /runtime/a.jar",
                        "/app/b.jar -> /runtime/b.jar",
                        "/app/plugins/shout.jar -> /plugin/plugin.jar");
    }

    @ParameterizedTest
    @CsvSource({
        "read-only, /var/data/shout -> /data",
        "read-write, /var/data/shout -> /data (writable)"
    })
    void itsDirectoryIsShownIfItMayHaveIt(String files, String bind) {
        assertThat(binds(Map.of("Files", files))).contains(bind).hasSize(6);
    }

    @Test
    void numbersBecomeLimits() {
        SandboxSpec spec =
                spec(Map.of("Memory", "96m", "Cpus", "0.5", "Processes", "40", "Output", "1m"));

        assertThat(spec.limits().memory()).contains(Bytes.mebibytes(96));
        assertThat(spec.limits().cpus()).hasValue(0.5);
        assertThat(spec.limits().pids()).hasValue(40L);
        assertThat(spec.limits().output()).contains(Bytes.mebibytes(1));
        assertThat(spec.limits().wallTime()).isEmpty();
    }

    @Test
    void callsAreThoseOfAPluginAndThereIsNoNetwork() {
        SandboxSpec spec = spec(Map.of());

        assertThat(spec.syscalls()).isEqualTo(SyscallPolicy.plugin());
        assertThat(spec.network()).isEqualTo(SandboxSpec.strict().network());
        assertThat(spec.isolation()).isEqualTo(SandboxSpec.strict().isolation());
    }

    @Test
    void ofTheEnvironmentItSeesWhatItMay() {
        assertThat(spec(Map.of("Environment", "TZ LANG")).environment())
                .containsExactly(Map.entry("TZ", "UTC"));
        assertThat(spec(Map.of()).environment()).isEmpty();
    }

    @Test
    void theHeapIsHalfOfTheMemory() {
        var command = PluginPolicy.command(Permissions.of(Map.of("Memory", "96m")), FILES);

        assertThat(command.program()).isEqualTo("/jdk/bin/java");
        assertThat(command.arguments())
                .contains("-Xmx" + 48 * 1024 * 1024, "/runtime/a.jar:/runtime/b.jar")
                .endsWith("io.cloister.samples.plugins.runner.PluginMain", "/plugin/plugin.jar")
                .noneMatch(argument -> argument.startsWith("-XX:AOTCache"));
    }

    private static SandboxSpec spec(Map<String, String> asked) {
        return PluginPolicy.spec(Permissions.of(asked), FILES, Map.of("TZ", "UTC", "SECRET", "x"));
    }

    private static Stream<String> binds(Map<String, String> asked) {
        return spec(asked).filesystem().mounts().stream()
                .filter(Bind.class::isInstance)
                .map(Bind.class::cast)
                .map(bind ->
                        ((BindSource.HostPath) bind.source()).path()
                                + " -> "
                                + bind.destination()
                                + (bind.writable() ? " (writable)" : ""));
    }
}
