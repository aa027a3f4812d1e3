package io.cloister.sandbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import io.cloister.sandbox.json.OciJson;
import io.cloister.sandbox.json.SyscallJson;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.oci.SeccompProfile;

import org.junit.jupiter.api.Test;

/// The arrows of the API: it knows no operating system, and its policies are plain values.
class ArchitectureTest {
    private static final JavaClasses API =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.cloister.sandbox");

    @Test
    void nothingKnowsLinux() {
        knowsNothingOf("io.cloister.sandbox.linux..").check(API);
    }

    @Test
    void nothingCallsNativeCode() {
        knowsNothingOf("java.lang.foreign..").check(API);
    }

    @Test
    void aRuleFindsWhoBreaksIt() {
        assertThat(knowsNothingOf("io.cloister.sandbox.spi..").evaluate(API).hasViolation())
                .isTrue();
    }

    @Test
    void policiesAreValues() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideInAPackage("..policy..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "java.io..",
                                "java.net..",
                                "java.nio.channels..",
                                "..sandbox.json..",
                                "..sandbox.spi..",
                                "tools.jackson..")
                        .orShould()
                        .dependOnClassesThat()
                        .haveFullyQualifiedName("java.nio.file.Files");

        rule.check(API);
    }

    @Test
    void onlyTheJsonPackageKnowsJackson() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideOutsideOfPackage("..sandbox.json..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("tools.jackson..");

        rule.check(API);
    }

    @Test
    void onlyTheEventsPackageKnowsTheFlightRecorder() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideOutsideOfPackage("..sandbox.events..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("jdk.jfr..");

        rule.check(API);
    }

    @Test
    void packagesBelowTheRootHaveNoCycles() {
        // Policies of system calls read and write themselves, as the whole policy in the root does.
        slices().matching("io.cloister.sandbox.(*)..")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(SyscallPolicy.class, SyscallJson.class)
                .ignoreDependency(SeccompProfile.class, SyscallJson.class)
                .ignoreDependency(OciConfig.class, OciJson.class)
                .check(API);
    }

    private static ArchRule knowsNothingOf(String packages) {
        return noClasses().should().dependOnClassesThat().resideInAPackage(packages);
    }
}
