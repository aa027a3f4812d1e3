package io.cloister.sandbox.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// The rules hold for this module, and each of them fails for a class made to break it.
class ArchitectureTest {
    private static final JavaClasses MODULE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.cloister.sandbox.linux");

    private static final JavaClasses FIXTURES =
            new ClassFileImporter().importPackages("io.cloister.fixture.linux");

    static Stream<Arguments> rulesAndTheirBreakers() {
        return Stream.of(
                Arguments.of(ArchitectureRules.NATIVE_CODE_STAYS_IN_FFM, "UsesNativeCode"),
                Arguments.of(ArchitectureRules.PURE_PACKAGES_DO_NOT_KNOW_THE_OTHERS, "AsksTheHost"),
                Arguments.of(ArchitectureRules.PURE_PACKAGES_TOUCH_NO_FILE, "ReadsAFile"),
                Arguments.of(
                        ArchitectureRules.PURE_PACKAGES_ASK_NOTHING_OF_THE_SYSTEM, "ReadsAClock"),
                Arguments.of(
                        ArchitectureRules.PURE_PACKAGES_ASK_NOTHING_OF_THE_SYSTEM,
                        "HandsOutAClock"),
                Arguments.of(ArchitectureRules.PACKAGES_HAVE_NO_CYCLES, "AsksTheHost"),
                Arguments.of(
                        ArchitectureRules.NOTHING_DEPENDS_ON_THE_PROVIDER, "KnowsTheProvider"));
    }

    @ParameterizedTest
    @MethodSource("rulesAndTheirBreakers")
    void theModuleKeepsTheRule(ArchRule rule, String breaker) {
        rule.check(MODULE);
    }

    @ParameterizedTest
    @MethodSource("rulesAndTheirBreakers")
    void theRuleFindsWhoBreaksIt(ArchRule rule, String breaker) {
        assertThat(rule.evaluate(FIXTURES).getFailureReport().getDetails())
                .anySatisfy(detail -> assertThat(detail).contains(breaker));
    }

    @Test
    void onlyTheProviderIsPublicInTheRootPackage() {
        assertThat(MODULE)
                .filteredOn(type -> type.getPackageName().equals("io.cloister.sandbox.linux"))
                .filteredOn(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .extracting(JavaClass::getSimpleName)
                .containsExactly("LinuxSandboxProvider");
    }

    @ParameterizedTest
    @ValueSource(strings = {"landlock", "limit", "plan", "program", "seccomp", "mount", "ffm"})
    void thePackageOfARuleExists(String name) {
        assertThat(MODULE)
                .extracting(JavaClass::getPackageName)
                .contains("io.cloister.sandbox.linux." + name);
    }

    @Test
    void theModuleExportsAndOpensNothing() throws IOException {
        ModuleDescriptor descriptor = descriptor();

        assertThat(descriptor.exports()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.isOpen()).isFalse();
    }

    @Test
    void theProviderIsTheSameOnTheClassPathAndOnTheModulePath() throws IOException {
        String service = "io.cloister.sandbox.spi.SandboxProvider";
        String onTheClassPath =
                new String(read("/META-INF/services/" + service), StandardCharsets.UTF_8);

        assertThat(descriptor().provides())
                .singleElement()
                .satisfies(provides -> {
                    assertThat(provides.service()).isEqualTo(service);
                    assertThat(provides.providers()).isEqualTo(List.of(onTheClassPath.strip()));
                });
    }

    /// The descriptor beside the classes of this module; other modules have theirs on the class
    /// path too.
    private static ModuleDescriptor descriptor() throws IOException {
        URI classes =
                MODULE.get("io.cloister.sandbox.linux.LinuxSandboxProvider")
                        .getSource()
                        .orElseThrow()
                        .getUri();
        try (InputStream in =
                classes.resolve("../../../../module-info.class").toURL().openStream()) {
            return ModuleDescriptor.read(in);
        }
    }

    private static byte[] read(String resource) throws IOException {
        try (InputStream in = ArchitectureTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            return in.readAllBytes();
        }
    }
}
