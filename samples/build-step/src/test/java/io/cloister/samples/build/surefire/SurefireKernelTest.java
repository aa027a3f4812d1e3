package io.cloister.samples.build.surefire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/// A small project whose tests Maven's own Surefire runs, offline: this build has fetched it.
@Tag("kernel")
class SurefireKernelTest {
    private static final String POM =
            """
            <project>
              <modelVersion>4.0.0</modelVersion>
              <groupId>example</groupId>
              <artifactId>example</artifactId>
              <version>1</version>
              <properties><maven.compiler.release>17</maven.compiler.release></properties>
              <dependencies>
                <dependency>
                  <groupId>org.junit.jupiter</groupId>
                  <artifactId>junit-jupiter</artifactId>
                  <version>%s</version>
                </dependency>
              </dependencies>
              <build><plugins><plugin>
                <artifactId>maven-surefire-plugin</artifactId>
                <configuration>%s</configuration>
              </plugin></plugins></build>
            </project>
            """;

    @TempDir Path project;
    @TempDir Path home;
    private FakeJdk jdk;

    @BeforeEach
    void makeProject() throws IOException {
        jdk = FakeJdk.in(Files.createDirectory(project.resolve("jdk")));
        configure("");
    }

    private void configure(String surefire) throws IOException {
        Files.writeString(
                project.resolve("pom.xml"), POM.formatted(version("junit-jupiter-api"), surefire));
    }

    /// Of a jar of this test's class path.
    private static String version(String artifact) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(it -> Path.of(it).getFileName().toString())
                .filter(it -> it.startsWith(artifact + "-"))
                .map(it -> it.substring(artifact.length() + 1, it.length() - ".jar".length()))
                .findFirst()
                .orElseThrow();
    }

    /// Writes a class with a test, and compiles it.
    private void test(String name, String body) throws IOException {
        Path source =
                Files.createDirectories(project.resolve("src/test/java")).resolve(name + ".java");
        Files.writeString(
                source,
                """
                public class %s {
                    @org.junit.jupiter.api.Test
                    void acts() throws Exception {
                        %s
                    }
                }
                """
                        .formatted(name, body));
        Path classes = Files.createDirectories(project.resolve("target/test-classes"));
        int status =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-d",
                                classes.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString());
        assertThat(status).isZero();
    }

    private record End(int status, String out, List<String> reports) {}

    private End maven() throws IOException, InterruptedException {
        List<String> words =
                List.of(
                        "mvn",
                        "--offline",
                        "--batch-mode",
                        "-Dmaven.repo.local=" + System.getProperty("localRepository"),
                        "org.apache.maven.plugins:maven-surefire-plugin:3.6.1:test",
                        "-Djvm=" + jdk.java());
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(project.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(project.resolve("out").toFile());
        Map<String, String> environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("BUILD_STEP_JAVA_HOME", System.getProperty("java.home"));
        environment.put("BUILD_STEP_MEMORY", "1g");
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String out = Files.readString(project.resolve("out"));
        Path directory = project.resolve("target/sandbox-reports");
        assertThat(directory).as(out).exists();
        List<String> reports = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                reports.add(Files.readString(file));
            }
        }
        return new End(process.exitValue(), out, reports);
    }

    @Test
    void testsThatBehavePass() throws Exception {
        test(
                "BehavesTest",
                "java.nio.file.Files.writeString(java.nio.file.Path.of(\"target/x\"), \"x\");");
        End end = maven();
        assertThat(end.out()).contains("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0");
        assertThat(end.status()).isZero();
        assertThat(end.reports()).singleElement().asString().contains("\"acts\" : [ ]");
    }

    @Test
    void hostileTestsThatSwallowTheirFailuresFailTheBuildAndAreNamed() throws Exception {
        // Over a socket of the host's loopback device; the others talk over pipes.
        configure(
                "<forkCount>2</forkCount><forkNode implementation="
                    + "\"org.apache.maven.plugin.surefire.extensions.SurefireForkNodeFactory\"/>");
        Path key = Files.createDirectories(home.resolve(".gnupg")).resolve("secring.gpg");
        Files.writeString(key, "secret");
        String swallowed = "try { %s } catch (java.io.IOException e) { }";
        test(
                "AReadsKeysTest",
                swallowed.formatted(
                        "java.nio.file.Files.readAllBytes(java.nio.file.Path.of(\"%s\"));"
                                .formatted(key)));
        test(
                "BDialsOutTest",
                swallowed.formatted("new java.net.Socket(\"192.0.2.1\", 443).close();"));
        test(
                "CLeavesADaemonTest",
                "new ProcessBuilder(\"sh\", \"-c\", \"setsid sleep 4712 &\").start().waitFor();"
                        + " Thread.sleep(200);");
        test("DBehavesTest", "Thread.sleep(200);");
        End end = maven();
        assertThat(end.status()).isNotZero();
        assertThat(end.out())
                .contains("Tests run: 4, Failures: 0, Errors: 0, Skipped: 0")
                .containsPattern("AReadsKeysTest (or \\S+ )*looked for a file of the host: " + key)
                .containsPattern("BDialsOutTest (or \\S+ )*dialled out: 192.0.2.1:443")
                .containsPattern(
                        "CLeavesADaemonTest (or \\S+ )*left a process running: sleep 4712");
        assertThat(end.reports()).hasSize(2);
        assertThat(String.join("", end.reports()))
                .contains(key.toString(), "192.0.2.1:443", "sleep 4712");
        assertThat(ProcessEntry.all()).noneMatch(it -> it.command().equals("sleep 4712"));
    }
}
