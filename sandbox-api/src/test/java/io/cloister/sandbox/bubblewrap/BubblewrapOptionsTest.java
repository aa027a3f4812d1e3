package io.cloister.sandbox.bubblewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Goes through the options of bubblewrap and compares each with its row in `docs/bubblewrap.md`.
class BubblewrapOptionsTest {
    private static final Path PAGE = Path.of("../docs/bubblewrap.md");

    /// A line about which nothing is said.
    private static final List<String> BASE =
            List.of(
                    "--ro-bind",
                    "/usr",
                    "/usr",
                    "--bind",
                    "/etc",
                    "/w",
                    "--tmpfs",
                    "/t",
                    "--dev",
                    "/dev",
                    "--remount-ro",
                    "/");

    /// What follows the base to show an option, where its name alone does not.
    private static final Map<String, String> SAMPLES = new LinkedHashMap<>();

    static {
        SAMPLES.put("--args", "--args 3");
        SAMPLES.put("--share-net", "--unshare-net --share-net");
        SAMPLES.put("--hostname", "--unshare-uts --hostname box");
        SAMPLES.put("--as-pid-1", "--unshare-pid --as-pid-1");
        SAMPLES.put("--chdir", "--chdir /usr");
        SAMPLES.put("--setenv", "--setenv A b");
        SAMPLES.put("--unsetenv", "--unsetenv HOME");
        SAMPLES.put("--argv0", "--argv0 me");
        SAMPLES.put("--remount-ro", "--remount-ro /w");
        SAMPLES.put("--proc", "--proc /proc");
        SAMPLES.put("--dev", "--tmpfs /dev --dev /dev");
        SAMPLES.put("--mqueue", "--mqueue /mq");
        SAMPLES.put("--bind-data", "--bind-data 4 /t/x");
        SAMPLES.put("--ro-bind-data", "--ro-bind-data 4 /x");
        SAMPLES.put("--file", "--file 4 /x");
        SAMPLES.put("--symlink", "--symlink a /x");
        SAMPLES.put("--perms", "--perms 0700 --dir /x");
        SAMPLES.put("--size", "--size 4096 --tmpfs /x");
        SAMPLES.put("--chmod", "--chmod 0700 /t");
        SAMPLES.put("--cap-add", "--cap-add CAP_CHOWN");
        SAMPLES.put("--cap-drop", "--cap-add ALL --cap-drop CAP_CHOWN");
        SAMPLES.put("--bind-fd", "--bind-fd 5 /x");
        SAMPLES.put("--ro-bind-fd", "--ro-bind-fd 5 /x");
    }

    /// What takes the place of a sample, to show that the option makes the difference.
    private static final Map<String, String> WITHOUT =
            Map.of(
                    "--share-net", "--unshare-net",
                    "--hostname", "--unshare-uts",
                    "--as-pid-1", "--unshare-pid",
                    "--dev", "--tmpfs /dev",
                    "--perms", "--dir /x",
                    "--size", "--tmpfs /x",
                    "--cap-drop", "--cap-add ALL");

    private static String sample(String name) {
        String text = SAMPLES.get(name);
        if (text != null) {
            return text;
        }
        return switch (Option.find(name).orElseThrow().arity()) {
            case 0 -> name;
            case 1 -> name + (name.matches("--(dir|tmpfs)") ? " /x" : " 5");
            case 2 -> name + " /etc /x";
            default -> name + " /a /b /x";
        };
    }

    private static BubblewrapCommand parse(String more) {
        FakeCaller caller = new FakeCaller().descriptor(3, "--uid\0007").descriptor(4, "text");
        List<String> words = new ArrayList<>(BASE);
        if (!more.isEmpty()) {
            words.addAll(Arrays.asList(more.split(" ")));
        }
        words.add("true");
        return BubblewrapCommand.parse(words, caller);
    }

    /// The rows of the page: option to word.
    private static Map<String, String> rows() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| `--")) {
                String[] cells = line.split("\\|");
                String name = cells[1].strip().replaceAll("`| .*", "");
                assertThat(rows.put(name, cells[2].strip())).as(name).isNull();
            }
        }
        return rows;
    }

    static Set<String> options() {
        return BubblewrapCommand.options();
    }

    @Test
    void thePageHasEveryOption() throws IOException {
        assertThat(rows().keySet()).containsExactlyInAnyOrderElementsOf(options());
        assertThat(rows().values()).isSubsetOf("honoured", "said", "refused", "as it is");
    }

    @Test
    void theBaseIsHonouredWhole() {
        assertThat(parse("").notHonoured()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("options")
    void theRowIsTrue(String name) throws IOException {
        String sample = sample(name);
        BubblewrapCommand base = parse(WITHOUT.getOrDefault(name, ""));
        switch (rows().get(name)) {
            case "refused" ->
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> parse(sample))
                            .withMessageStartingWith(name + " (word 13): ");
            case "said" -> {
                BubblewrapCommand read = parse(sample);
                assertThat(read.spec()).isEqualTo(base.spec());
                assertThat(read.notHonoured())
                        .singleElement()
                        .asString()
                        .matches(Pattern.quote(name) + "( .*)?: .*");
            }
            case "as it is" -> {
                BubblewrapCommand read = parse(sample);
                assertThat(read.spec()).isEqualTo(base.spec());
                assertThat(read.notHonoured()).isEmpty();
            }
            default -> {
                BubblewrapCommand read = parse(sample);
                assertThat(shown(read)).isNotEqualTo(shown(base));
                assertThat(read.notHonoured()).isEmpty();
            }
        }
    }

    private static List<Object> shown(BubblewrapCommand read) {
        return List.of(read.spec(), read.supervision(), read.command().argv0());
    }

    /// Whoever has another version here learns of options that are new.
    @Test
    void thePageHasWhatTheInstalledBubblewrapHas() throws Exception {
        Optional<Path> program =
                Stream.of("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        Assumptions.assumeTrue(
                program.isPresent(), "no bwrap here: install the Debian package bubblewrap");
        Process help =
                new ProcessBuilder(program.orElseThrow().toString(), "--help")
                        .redirectErrorStream(true)
                        .start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Set<String> names =
                Pattern.compile("^ +(--[a-z0-9-]+)", Pattern.MULTILINE)
                        .matcher(text)
                        .results()
                        .map(result -> result.group(1))
                        .collect(Collectors.toSet());
        assertThat(names).hasSizeGreaterThan(40).isSubsetOf(rows().keySet());
    }
}
