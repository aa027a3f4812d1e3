package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.spring.PropertiesTable.Property;
import io.cloister.sandbox.spring.settings.SandboxProperties;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Editors and docs/spring.md know every property, with what it does.
class MetadataTest {

    static List<Property> properties() throws IOException {
        return PropertiesTable.all();
    }

    @ParameterizedTest
    @MethodSource("properties")
    void everyPropertyHasADescription(Property property) {
        assertThat(property.description()).matches("[A-Z][^\\n]{10,}\\.");
    }

    @Test
    void everyPartOfTheRecordsIsAProperty() throws IOException {
        assertThat(properties())
                .extracting(Property::name)
                .containsAll(
                        Stream.of(
                                        names("sandbox.", SandboxProperties.class)
                                                .filter(name -> !name.endsWith(".budget"))
                                                .filter(name -> !name.endsWith(".defaults")),
                                        names("sandbox.budget.", SandboxProperties.Budget.class),
                                        names("sandbox.defaults.", SandboxProperties.Profile.class)
                                                .filter(name -> !name.endsWith(".pool")),
                                        names(
                                                "sandbox.defaults.pool.",
                                                SandboxProperties.Pool.class))
                                .flatMap(names -> names)
                                .toList());
    }

    private static Stream<String> names(String prefix, Class<? extends Record> type) {
        return Stream.of(type.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> prefix + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }

    @Test
    void theDocumentationHasTheTables() throws IOException {
        String page = Files.readString(Path.of("../docs/spring.md"));

        assertThat(page).contains(PropertiesTable.ofAll(properties().stream()));
        assertThat(page).contains(PropertiesTable.ofProfiles(properties().stream()));
    }
}
