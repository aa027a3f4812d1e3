package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// docs/profiles.md says what the tables say.
class ProfilesPageTest {

    private static final String WRITE = "cloister.docs.write";

    static final String COMMAND =
            "mvn --projects sandbox-api test -Dtest=ProfilesPageTest -D" + WRITE;

    private static final Path PAGE = Path.of("../docs/profiles.md");
    private static final Path EXAMPLES =
            Path.of("src/test/java/io/cloister/sandbox/syscall/OwnPolicyTest.java");

    @Test
    void thePageIsUpToDate() throws IOException {
        String text = ProfilesPage.text(ProfilesPageTest::example);
        if (System.getProperty(WRITE) != null) {
            Files.writeString(PAGE, text);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/profiles.md is out of date; write it anew: %s", COMMAND)
                .isEqualTo(text);
    }

    @Test
    void everyCallStandsInThePage() {
        String text = ProfilesPage.text(_ -> "");
        for (Syscall call : Syscall.values()) {
            String since = call.since().orElse("never");
            assertThat(text).containsPattern("\\b" + call.label() + "\\s" + since + "[,.]");
        }
    }

    /// What stands between the marks of this name, without its indentation.
    private static String example(String name) {
        try {
            List<String> lines = Files.readAllLines(EXAMPLES);
            int from = lines.indexOf("        // page: " + name) + 1;
            assertThat(from).as("the mark of " + name).isPositive();
            int to = from + lines.subList(from, lines.size()).indexOf("        // page: end");
            return String.join("\n", lines.subList(from, to)).stripIndent() + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
