package io.cloister.sandbox.events;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.DataAmount;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// docs/events.md lists each event and each field, as the classes have them.
///
/// After a change: `mvn -pl sandbox-api test -Dtest=EventsDocumentTest -Dcloister.update=true`
/// writes the table.
class EventsDocumentTest {

    private static final Path DOCUMENT =
            Path.of("").toAbsolutePath().getParent().resolve("docs/events.md");
    private static final String BEGIN = "<!-- events: begin -->\n";
    private static final String END = "<!-- events: end -->\n";
    private static final Set<String> OF_THE_JDK =
            Set.of("startTime", "duration", "eventThread", "stackTrace");

    static final List<EventType> TYPES =
            List.of(
                    LaunchEvent.TYPE,
                    RunEvent.TYPE,
                    LimitReachedEvent.TYPE,
                    ViolationEvent.TYPE,
                    PoolLeaseEvent.TYPE,
                    PoolDiscardEvent.TYPE,
                    LauncherRestartEvent.TYPE);

    @Test
    void theTableHasEachEventAndEachField() throws IOException {
        String text = Files.readString(DOCUMENT);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END);
        String table = table();
        if (Boolean.getBoolean("cloister.update")) {
            Files.writeString(DOCUMENT, text.substring(0, from) + table + text.substring(to));
            return;
        }

        assertThat(text.substring(from, to)).isEqualTo(table);
    }

    @Test
    void allEventsAreInTheList() throws IOException {
        Path classes = Path.of("target/classes/io/cloister/sandbox/events");
        try (Stream<Path> files = Files.list(classes)) {
            assertThat(
                            files.map(file -> file.getFileName().toString())
                                    .filter(name -> name.endsWith("Event.class"))
                                    .map(name -> "cloister." + name.replace("Event.class", "")))
                    .containsExactlyInAnyOrderElementsOf(
                            TYPES.stream().map(EventType::getName).toList());
        }
        assertThat(FlightRecorder.getFlightRecorder().getEventTypes()).containsAll(TYPES);
    }

    @Test
    void eachEventHasALabelADescriptionAndACategory() {
        assertThat(TYPES)
                .allSatisfy(type -> {
                    assertThat(type.getLabel()).startsWith("Sandbox");
                    assertThat(type.getDescription()).isNotBlank();
                    assertThat(type.getCategoryNames()).containsExactly("Cloister");
                    assertThat(own(type))
                            .allSatisfy(field -> {
                                assertThat(field.getLabel()).isNotBlank();
                                assertThat(field.getDescription()).isNotBlank();
                            });
                });
    }

    private static String table() {
        return TYPES.stream()
                .map(type ->
                        "### `%s`\n\n%s.\n\n| Field | Unit | Meaning |\n|---|---|---|\n%s\n"
                                .formatted(
                                        type.getName(),
                                        type.getDescription(),
                                        own(type).stream()
                                                .map(EventsDocumentTest::row)
                                                .collect(Collectors.joining())))
                .collect(Collectors.joining());
    }

    private static List<ValueDescriptor> own(EventType type) {
        return type.getFields().stream().filter(it -> !OF_THE_JDK.contains(it.getName())).toList();
    }

    private static String row(ValueDescriptor field) {
        return "| `%s` | %s | %s |\n"
                .formatted(field.getName(), unit(field), field.getDescription());
    }

    private static String unit(ValueDescriptor field) {
        if (field.getAnnotation(Timespan.class) != null) {
            return "ns";
        }
        return field.getAnnotation(DataAmount.class) != null ? "bytes" : "";
    }
}
