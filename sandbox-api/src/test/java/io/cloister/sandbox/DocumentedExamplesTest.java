package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// Each example in Java of README.md and docs compiles as it is printed: as a file where it has a
/// `main`, else as the body of a method, or as a value.
class DocumentedExamplesTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /// What the text around an example says that its reader has.
    private static final String GIVEN =
            """
            import io.cloister.sandbox.*;
            import io.cloister.sandbox.learn.*;
            import io.cloister.sandbox.policy.*;
            import io.cloister.sandbox.syscall.*;
            import io.cloister.sandbox.syscall.oci.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;

            class Example {
                interface Quota { boolean take(); }

                org.slf4j.Logger log;
                Quota quota;
                Sandbox sandbox, judge, contestant;
                SandboxSession session;
                Command compiler, program;
                byte[] bytes, source;
                String ask, guess;

                %s
            }
            """;

    /// @param where the file and the line
    record Example(String where, String text) {

        String source() {
            if (text.contains("void main(")) {
                return text;
            }
            String last = text.strip();
            boolean value = !last.endsWith("}") && !last.matches("(?s).*;(\\s*//[^\n]*)?");
            return GIVEN.formatted(
                    value
                            ? "Object value() throws Exception { return " + text + "; }"
                            : "void example() throws Exception { " + text + " }");
        }

        @Override
        public String toString() {
            return where;
        }
    }

    static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).equals("```java")) {
                    int first = i + 1;
                    i = first + lines.subList(first, lines.size()).indexOf("```");
                    String text = String.join("\n", lines.subList(first, i)) + "\n";
                    // Applications of Spring are compiled by sandbox-spring.
                    if (!text.contains("org.springframework")) {
                        examples.add(new Example(ROOT.relativize(file) + ":" + first, text));
                    }
                }
            }
        }
        return examples;
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(file -> file.toString().endsWith(".md"))
                                    // Its examples are tests, which sandbox-test compiles.
                                    .filter(file -> !file.endsWith("testing.md"))
                                    .sorted())
                    .toList();
        }
    }

    /// What the compiler says against a source; empty: nothing.
    private static String complaints(String source) throws URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreErrors) {
                        return source;
                    }
                };
        StringWriter output = new StringWriter();
        List<String> options =
                List.of(
                        "-proc:none",
                        // Looks at it and writes nothing.
                        "-Xdiags:compact",
                        "-XDshould-stop.ifNoError=FLOW",
                        "-implicit:none",
                        "-Xlint:none",
                        "--class-path",
                        placeOf(Sandbox.class) + ":" + placeOf(Logger.class));
        boolean compiled =
                compiler.getTask(output, null, null, options, null, List.of(file)).call();
        return compiled ? "" : output + source;
    }

    private static Path placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void compiles(Example example) throws URISyntaxException {
        assertThat(complaints(example.source())).isEmpty();
    }

    @Test
    void oneThatIsWrongDoesNot() throws Exception {
        for (String wrong :
                List.of(
                        "session.files().writeAll(bytes);",
                        "Sandbox.builder().memoryLimit(5)",
                        "try (Sandbox s = Sandbox.builder().build()) { s.run(7); }",
                        "void main() { Sandbox.nothing(); }")) {
            assertThat(complaints(new Example("here", wrong).source())).contains("error:");
        }
        assertThat(complaints(new Example("here", "Sandbox.builder()").source())).isEmpty();
    }

    @Test
    void theReadmeAndTheGuidesHaveSome() throws Exception {
        assertThat(examples())
                .extracting(example -> example.where().replaceAll(":.*", ""))
                .contains("README.md", "docs/sessions.md", "docs/sharing.md", "docs/limits.md");
    }
}
