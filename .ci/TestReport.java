import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;

/// Sums up the XML reports of JUnit's console and of Surefire.
///
/// Usage: `java TestReport.java <place>=<directory>...`
///
/// For each place it prints the failed tests, the skipped ones with their reasons, and the counts;
/// its last line is the sum. It fails if a test failed, or if no test was run in one of the places.
final class TestReport {
    /// Lines of a message that the report shows.
    private static final int REASON_LINES = 4;

    private int passed;
    private final List<String> failed = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    private TestReport() {}

    static void main(String[] arguments) throws Exception {
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        boolean good = true;
        for (String argument : arguments) {
            int separator = argument.lastIndexOf('=');
            String place = argument.substring(0, separator);
            TestReport report = read(new File(argument.substring(separator + 1)));

            System.out.printf("%n%s: %s%n", place, counts(report));
            report.failed.forEach(test -> System.out.println("  FAILED  " + test));
            report.skipped.forEach(test -> System.out.println("  SKIPPED " + test));
            if (report.passed + report.failed.size() == 0) {
                System.out.println("  NO TEST WAS RUN");
                good = false;
            }
            passed += report.passed;
            failed += report.failed.size();
            skipped += report.skipped.size();
        }
        System.out.printf("%n%d passed, %d failed, %d skipped%n", passed, failed, skipped);
        System.exit(good && failed == 0 ? 0 : 1);
    }

    private static String counts(TestReport report) {
        return "%d passed, %d failed, %d skipped"
                .formatted(report.passed, report.failed.size(), report.skipped.size());
    }

    private static TestReport read(File directory) throws Exception {
        TestReport report = new TestReport();
        File[] files =
                directory.listFiles((_, name) -> name.startsWith("TEST-") && name.endsWith(".xml"));
        if (files == null) {
            return report;
        }
        DocumentBuilder parser = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
        for (File file : files) {
            Document document = parser.parse(file);
            NodeList tests = document.getElementsByTagName("testcase");
            for (int i = 0; i < tests.getLength(); i++) {
                report.add((Element) tests.item(i));
            }
        }
        report.failed.sort(null);
        report.skipped.sort(null);
        return report;
    }

    private void add(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        Optional<String> failure = first(test, "failure").or(() -> first(test, "error"));
        Optional<String> skip = first(test, "skipped");
        if (failure.isPresent()) {
            failed.add(name + ": " + failure.get());
        } else if (skip.isPresent()) {
            skipped.add(name + ": " + skip.get());
        } else {
            passed++;
        }
    }

    private static Optional<String> first(Element test, String tag) {
        return Optional.ofNullable((Element) test.getElementsByTagName(tag).item(0))
                .map(TestReport::reason);
    }

    /// Surefire puts the reason into an attribute; the console writes a stack trace as text.
    private static String reason(Element element) {
        String message = element.getAttribute("message");
        String text = message.isBlank() ? element.getTextContent().strip() : message;
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isBlank())
                .takeWhile(line -> !line.startsWith("at "))
                .limit(REASON_LINES)
                .reduce((a, b) -> a + " | " + b)
                .orElse("no reason given")
                .replace("org.opentest4j.TestAbortedException: ", "")
                .replace("Assumption failed: ", "");
    }
}
