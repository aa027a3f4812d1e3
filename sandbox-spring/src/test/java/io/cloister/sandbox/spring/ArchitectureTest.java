package io.cloister.sandbox.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;

/// The arrows of the module, and that the two lists of auto-configurations are one.
class ArchitectureTest {
    private static final String MODULE = "io.cloister.sandbox.spring";
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(MODULE);

    private static ArchRule outsideOf(String inside, String others, String forbidden) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(MODULE + "." + inside, MODULE + "." + others)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(forbidden);
    }

    /// The last package is one that knows it, so that the rule is known to find it.
    @ParameterizedTest
    @CsvSource({
        "metrics, autoconfigure, io.micrometer..",
        "actuate, autoconfigure, org.springframework.boot.health..",
        "actuate, autoconfigure, org.springframework.boot.actuate..",
        "autoconfigure, autoconfigure, io.cloister.sandbox.spring.autoconfigure.."
    })
    void onlyTheirPackagesKnowWhatIsOptional(String one, String other, String forbidden) {
        outsideOf(one, other, forbidden).check(CLASSES);
    }

    @ParameterizedTest
    @CsvSource({
        "io.micrometer..",
        "org.springframework.boot.health..",
        "org.springframework.boot.actuate..",
        "io.cloister.sandbox.spring.autoconfigure.."
    })
    void theRuleFindsWhoBreaksIt(String forbidden) {
        assertThat(outsideOf("none", "none", forbidden).evaluate(CLASSES).hasViolation()).isTrue();
    }

    @Test
    void nothingKnowsLinuxOrNativeCode() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cloister.sandbox.linux..", "java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(MODULE + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everyAutoConfigurationIsListed() {
        assertThat(ImportCandidates.load(AutoConfiguration.class, null))
                .filteredOn(name -> name.startsWith(MODULE))
                .containsExactlyInAnyOrderElementsOf(
                        CLASSES.stream()
                                .filter(type -> type.isAnnotatedWith(AutoConfiguration.class))
                                .map(type -> type.getName())
                                .toList())
                .contains(SandboxAutoConfiguration.class.getName());
    }

    @Test
    void theModuleExportsWhatApplicationsUseAndOpensTheRest() throws IOException {
        ModuleDescriptor descriptor = descriptor();

        assertThat(descriptor.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactly(MODULE);
        assertThat(descriptor.opens())
                .extracting(ModuleDescriptor.Opens::source)
                .containsExactlyInAnyOrderElementsOf(
                        CLASSES.stream()
                                .map(type -> type.getPackageName())
                                .filter(name -> !name.equals(MODULE))
                                .distinct()
                                .toList());
    }

    private static ModuleDescriptor descriptor() throws IOException {
        URI classes = CLASSES.get(SandboxRegistry.class).getSource().orElseThrow().getUri();
        try (InputStream in =
                classes.resolve("../../../../module-info.class").toURL().openStream()) {
            return ModuleDescriptor.read(in);
        }
    }
}
