import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.File;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;

/// Sums up the XML reports of JUnit's console and of Surefire.
///
/// Usage: `java TestReport.java <place>=<directory>...`
///
/// For each place it prints the failed tests, the skipped ones with their reasons, and the counts;
/// its last line is the sum. It fails if a test failed, or if no test was run in one of the places.
/// A test that failed and passed when it was run again, which Surefire's report tells, or a
/// directory `again` among the reports, is shown as such and fails nothing.
///
/// Usage: `java TestReport.java --failed <directory>`
///
/// Prints the unique ids of the failed tests.
final class TestReport {
    /// Lines of a message that the report shows.
    private static final int REASON_LINES = 4;

    private static final String UNIQUE_ID = "unique-id: ";

    private int passed;
    private final List<Failure> failed = new ArrayList<>();
    private final List<Failure> unsteady = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final Set<String> passedAgain = new HashSet<>();

    /// A test that failed.
    ///
    /// @param id its unique id, empty where the report does not tell it
    private record Failure(String name, String reason, Optional<String> id) {

        @Override
        public String toString() {
            return name + ": " + reason;
        }
    }

    private TestReport() {}

    static void main(String[] arguments) throws Exception {
        if (arguments.length == 2 && arguments[0].equals("--failed")) {
            read(new File(arguments[1])).failed.stream()
                    .flatMap(failure -> failure.id().stream())
                    .forEach(System.out::println);
            return;
        }
        int passed = 0;
        int unsteady = 0;
        int failed = 0;
        int skipped = 0;
        boolean good = true;
        for (String argument : arguments) {
            int separator = argument.lastIndexOf('=');
            String place = argument.substring(0, separator);
            TestReport report = read(new File(argument.substring(separator + 1)));

            System.out.printf("%n%s: %s%n", place, counts(report));
            report.failed.forEach(test -> System.out.println("  FAILED  " + test));
            report.unsteady.forEach(
                    test -> System.out.println("  UNSTEADY, passed when run again: " + test));
            report.skipped.forEach(test -> System.out.println("  SKIPPED " + test));
            if (report.passed + report.failed.size() == 0) {
                System.out.println("  NO TEST WAS RUN");
                good = false;
            }
            passed += report.passed;
            failed += report.failed.size();
            unsteady += report.unsteady.size();
            skipped += report.skipped.size();
        }
        System.out.printf(
                "%n%d passed, %d failed, %d passed when run again, %d skipped%n",
                passed, failed, unsteady, skipped);
        System.exit(good && failed == 0 ? 0 : 1);
    }

    private static String counts(TestReport report) {
        return "%d passed, %d failed, %d skipped"
                .formatted(report.passed, report.failed.size(), report.skipped.size());
    }

    private static TestReport read(File directory) throws Exception {
        TestReport report = new TestReport();
        for (Element test : tests(new File(directory, "again"))) {
            if (failure(test).isEmpty() && first(test, "skipped").isEmpty()) {
                report.passedAgain.add(name(test));
            }
        }
        tests(directory).forEach(report::add);
        report.failed.sort(Comparator.comparing(Failure::name));
        report.skipped.sort(null);
        return report;
    }

    private static List<Element> tests(File directory) throws Exception {
        List<Element> found = new ArrayList<>();
        File[] files =
                directory.listFiles((_, name) -> name.startsWith("TEST-") && name.endsWith(".xml"));
        if (files == null) {
            return found;
        }
        DocumentBuilder parser = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
        for (File file : files) {
            Document document = parser.parse(file);
            NodeList tests = document.getElementsByTagName("testcase");
            for (int i = 0; i < tests.getLength(); i++) {
                found.add((Element) tests.item(i));
            }
        }
        return found;
    }

    private static String name(Element test) {
        return test.getAttribute("classname") + "." + test.getAttribute("name");
    }

    private static Optional<String> failure(Element test) {
        return first(test, "failure").or(() -> first(test, "error"));
    }

    private static Optional<String> id(Element test) {
        NodeList output = test.getElementsByTagName("system-out");
        return IntStream.range(0, output.getLength())
                .mapToObj(i -> output.item(i).getTextContent())
                .flatMap(String::lines)
                .filter(line -> line.startsWith(UNIQUE_ID))
                .map(line -> line.substring(UNIQUE_ID.length()))
                .findFirst();
    }

    private void add(Element test) {
        String name = name(test);
        Optional<String> failure = failure(test);
        Optional<String> before = first(test, "flakyFailure").or(() -> first(test, "flakyError"));
        Optional<String> skip = first(test, "skipped");
        if (before.isPresent()) {
            unsteady.add(new Failure(name, before.get(), Optional.empty()));
        } else if (failure.isPresent()) {
            List<Failure> list = passedAgain.contains(name) ? unsteady : failed;
            list.add(new Failure(name, failure.get(), id(test)));
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
