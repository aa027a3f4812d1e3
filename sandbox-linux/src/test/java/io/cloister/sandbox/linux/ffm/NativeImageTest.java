package io.cloister.sandbox.linux.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a native image is told of this module is what the module does.
///
/// After a change: `mvn -pl sandbox-linux test -Dtest=NativeImageTest -Dcloister.update=true`
/// writes the file.
class NativeImageTest {

    private static final Path METADATA =
            Path.of(
                    "src/main/resources/META-INF/native-image/io.cloister/sandbox-linux",
                    "reachability-metadata.json");

    private static final String SERVICE =
            "META-INF/services/io.cloister.sandbox.spi.SandboxProvider";

    private static final JavaClasses MODULE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.cloister.sandbox.linux");

    @Test
    void theMetadataHasTheShapeThatIsLinked() throws IOException {
        if (Boolean.getBoolean("cloister.update")) {
            Files.writeString(METADATA, metadata());
            return;
        }

        assertThat(Files.readString(METADATA)).isEqualTo(metadata());
    }

    @Test
    void nothingIsLinkedElsewhere() {
        assertThat(callers("java.lang.foreign.Linker", "downcallHandle"))
                .containsExactly(Downcall.class.getName());
        assertThat(callers("java.lang.foreign.Linker", "upcallStub")).isEmpty();
    }

    @Test
    void allFunctionsAreThereAndCanBeLinked() {
        assertThat(Downcall.link()).isNotNull();
        assertThat(Downcall.values())
                .allSatisfy(
                        call -> assertThat(call.address().address()).as(call.name()).isNotZero());
    }

    @Test
    void nothingIsReflectedOnAndNoResourceIsRead() {
        assertThat(callers("java.lang.Class", "forName")).isEmpty();
        assertThat(callers("java.lang.Class", "getResource")).isEmpty();
        assertThat(callers("java.lang.Class", "getResourceAsStream")).isEmpty();
        assertThat(callers("java.lang.Class", "getDeclaredField")).isEmpty();
        assertThat(callers("java.lang.Class", "getMethod")).isEmpty();
    }

    private static Set<String> callers(String owner, String method) {
        return MODULE.stream()
                .map(JavaClass::getMethodCallsFromSelf)
                .flatMap(Set::stream)
                .filter(call -> isOf(call, owner, method))
                .map(call -> call.getOriginOwner().getName())
                .collect(Collectors.toSet());
    }

    private static boolean isOf(JavaMethodCall call, String owner, String method) {
        return call.getTargetOwner().getName().equals(owner)
                && call.getTarget().getName().equals(method);
    }

    /// native-image follows a service loader by itself where it sees which service is meant; the
    /// API asks with a class loader of its own choice, so the resource is named.
    private static String metadata() {
        return """
        {
          "reflection": [],
          "resources": [
            { "glob": "%s" }
          ],
          "foreign": {
            "downcalls": [
        %s
            ]
          }
        }
        """
                .formatted(SERVICE, shape());
    }

    private static String shape() {
        List<MemoryLayout> parameters = Downcall.descriptor().argumentLayouts();
        String types =
                parameters.stream()
                        .map(layout -> "\"" + type(layout) + "\"")
                        .collect(Collectors.joining(", "));
        String result = type(Downcall.descriptor().returnLayout().orElseThrow());
        String options =
                Downcall.options().stream()
                        .flatMap(option -> option(option, parameters.size()))
                        .collect(Collectors.joining(", "));
        return "      { \"returnType\": \"%s\", \"parameterTypes\": [%s], \"options\": { %s } }"
                .formatted(result, types, options);
    }

    private static Stream<String> option(Linker.Option option, int parameters) {
        if (option.equals(Linker.Option.captureCallState("errno"))) {
            return Stream.of("\"captureCallState\": true");
        }
        for (int i = 0; i <= parameters; i++) {
            if (option.equals(Linker.Option.firstVariadicArg(i))) {
                return Stream.of("\"firstVariadicArg\": " + i);
            }
        }
        throw new AssertionError("no name for " + option);
    }

    private static String type(MemoryLayout layout) {
        return switch (layout) {
            case ValueLayout.OfLong _ -> "jlong";
            default -> throw new AssertionError("no name for " + layout);
        };
    }
}
