package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

class InvocationTest {
    @TempDir Path module;
    private Path booter;

    @BeforeEach
    void writeWhatSurefireWrites() throws IOException {
        booter = Files.createDirectories(module.resolve("target/surefire"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(Attributes.Name.CLASS_PATH, "../test-classes/ file:/repository/a.jar");
        try (var out = Files.newOutputStream(booter.resolve("booter.jar"));
                var _ = new JarOutputStream(out, manifest)) {}
        Files.writeString(
                booter.resolve("surefire1tmp"),
                "pluginPid=42\nclassPathUrl.0=/repository/b.jar\nrunOrder=filesystem\n");
        Files.writeString(booter.resolve("surefire_02tmp"), "localRepository=/repository\n");
    }

    private Invocation invocation(String... arguments) throws IOException {
        return Invocation.of(List.of(arguments), module);
    }

    private Invocation surefire() throws IOException {
        return invocation(
                "-Xmx64m",
                "-jar",
                booter.resolve("booter.jar").toString(),
                booter.toString(),
                "2026-11-23T13-03-23_379-jvmRun1",
                "surefire1tmp",
                "surefire_02tmp");
    }

    @Test
    void theFilesOfSurefireAreRead() throws IOException {
        Invocation.Booter found = surefire().booter().orElseThrow();
        assertThat(found.run()).isEqualTo("2026-11-23T13-03-23_379-jvmRun1");
        assertThat(found.buildDirectory()).isEqualTo(module.resolve("target"));
        assertThat(found.property("localRepository")).contains("/repository");
    }

    @Test
    void theClassPathIsThatOfTheManifestAndOfTheFiles() throws IOException {
        assertThat(surefire().classPath())
                .contains(
                        module.resolve("target/test-classes"),
                        Path.of("/repository/a.jar"),
                        Path.of("/repository/b.jar"));
    }

    @Test
    void insideTheFilesLieElsewhereAndDoNotNameMavensProcess() throws IOException {
        Invocation surefire = surefire();
        assertThat(surefire.argumentsInside("/inside"))
                .containsExactly(
                        "-Xmx64m",
                        "-jar",
                        booter.resolve("booter.jar").toString(),
                        "/inside",
                        "2026-11-23T13-03-23_379-jvmRun1",
                        "surefire1tmp",
                        "surefire_02tmp");
        assertThat(surefire.filesInside().get("surefire1tmp"))
                .containsEntry("runOrder", "filesystem")
                .doesNotContainKey("pluginPid");
    }

    @Test
    void optionsAgentsAndFilesOfArgumentsNamePathsToo() throws IOException {
        Files.writeString(
                module.resolve("arguments"), "--module-path \"/with space/m.jar:/m2.jar\"\n# no\n");
        Invocation other =
                invocation(
                        "@arguments",
                        "-javaagent:/agent.jar=x=/y",
                        "-cp",
                        "target/x:/a=b/c.jar:/lib/*",
                        "Main");
        assertThat(other.booter()).isEmpty();
        assertThat(other.classPath())
                .containsExactlyInAnyOrder(
                        module.resolve("arguments"),
                        Path.of("/with space/m.jar"),
                        Path.of("/m2.jar"),
                        Path.of("/agent.jar"),
                        module.resolve("target/x"),
                        Path.of("/a=b/c.jar"),
                        Path.of("/lib"));
    }

    @Test
    void onlyTheHostsOwnDeviceIsDialledForTheTests() throws IOException {
        Files.writeString(
                booter.resolve("surefire1tmp"),
                "forkNodeConnectionString=tcp://192.0.2.1:9?sessionId=x\n");
        Invocation surefire = surefire();
        assertThatThrownBy(() -> Channel.open(surefire))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.0.2.1");
        try (ServerSocket maven = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.writeString(
                    booter.resolve("surefire1tmp"),
                    "forkNodeConnectionString=tcp://127.0.0.1:%d?sessionId=x\n"
                            .formatted(maven.getLocalPort()));
            try (Channel _ = Channel.open(surefire());
                    Socket socket = maven.accept()) {
                assertThat(socket.getInputStream().read()).isEqualTo('x');
            }
        }
    }
}
