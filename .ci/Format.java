import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Runs google-java-format, which must be on the class path, over all Java files of directories.
///
/// Usage: `java Format.java check|apply <directory>...`; `check` changes nothing and fails with the
/// list of files that are not formatted. A directory that does not exist counts as empty, and what
/// stands in a directory named `target` is left alone.
final class Format {
    private static final List<String> OPTIONS = List.of("--aosp");

    private Format() {}

    static void main(String[] arguments) throws IOException {
        if (arguments.length < 2 || !List.of("check", "apply").contains(arguments[0])) {
            System.err.println("usage: Format.java check|apply <directory>...");
            System.exit(2);
        }
        boolean apply = arguments[0].equals("apply");
        List<String> files = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            files.addAll(javaFilesOf(Path.of(arguments[i])));
        }
        if (files.isEmpty()) {
            return;
        }
        List<String> words = new ArrayList<>(OPTIONS);
        words.addAll(apply ? List.of("--replace") : List.of("--dry-run"));
        words.addAll(files);

        ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
        StringWriter output = new StringWriter();
        int status =
                formatter.run(
                        new PrintWriter(output),
                        new PrintWriter(System.err, true),
                        words.toArray(String[]::new));
        // A dry run prints the name of each file that it would change.
        if (status != 0 || !output.toString().isBlank()) {
            System.err.printf(
                    "Not formatted as google-java-format does it:%n%s%s%n",
                    output, apply ? "" : "To mend it: mvn -Pformat process-sources");
            System.exit(1);
        }
    }

    private static List<String> javaFilesOf(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .filter(path -> !foreign(directory.relativize(path)))
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    /// Whether it is generated, or a program that the sample of a judge judges, some of which do
    /// not compile.
    private static boolean foreign(Path path) {
        for (Path name : path) {
            if (name.toString().equals("target") || name.toString().equals("submissions")) {
                return true;
            }
        }
        return false;
    }
}
