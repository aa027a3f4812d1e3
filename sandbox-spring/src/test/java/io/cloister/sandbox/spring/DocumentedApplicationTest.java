package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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

/// The application of docs/spring.md compiles as it stands there.
class DocumentedApplicationTest {
    private static final Pattern APPLICATION =
            Pattern.compile("```java\n(import [^`]*@SpringBootApplication[^`]*)```");

    private static String application() throws IOException {
        Matcher matcher = APPLICATION.matcher(Files.readString(Path.of("..", "docs", "spring.md")));
        assertThat(matcher.find()).as("an application in docs/spring.md").isTrue();
        return matcher.group(1);
    }

    private static String complaints(String source) {
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///Judge.java"), JavaFileObject.Kind.SOURCE) {
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
        return compiled ? "" : output.toString();
    }

    @Test
    void itsApplicationCompiles() throws IOException {
        assertThat(complaints(application())).isEmpty();
    }

    @Test
    void oneThatIsWrongDoesNot() throws IOException {
        assertThat(complaints(application().replace("pool.lease()", "pool.rent()")))
                .contains("rent");
    }
}
