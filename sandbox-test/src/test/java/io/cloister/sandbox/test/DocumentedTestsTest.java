package io.cloister.sandbox.test;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// Each test in docs/testing.md compiles as it is printed.
class DocumentedTestsTest {
    private static final Path GUIDE =
            Path.of("").toAbsolutePath().getParent().resolve("docs/testing.md");

    static List<String> examples() throws IOException {
        return Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(GUIDE))
                .results()
                .map(example -> example.group(1))
                .toList();
    }

    /// What the compiler says against a source; empty: nothing.
    private static String complaints(String source) {
        Matcher name = Pattern.compile("^class (\\w+)", Pattern.MULTILINE).matcher(source);
        assertThat(name.find()).isTrue();
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///" + name.group(1) + ".java"),
                        JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreErrors) {
                        return source;
                    }
                };
        StringWriter output = new StringWriter();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-XDshould-stop.ifNoError=FLOW",
                        "-implicit:none",
                        "-Xlint:none",
                        "--class-path",
                        System.getProperty("java.class.path"));
        boolean compiled =
                ToolProvider.getSystemJavaCompiler()
                        .getTask(output, null, null, options, null, List.of(file))
                        .call();
        return compiled ? "" : output + source;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void compiles(String example) {
        assertThat(complaints(example)).isEmpty();
    }

    @Test
    void thereAreSomeAndWrongOnesDoNotCompile() throws IOException {
        assertThat(examples()).hasSize(2);
        assertThat(complaints(examples().getFirst().replace("exitedWith", "exits")))
                .contains("error:");
    }
}
