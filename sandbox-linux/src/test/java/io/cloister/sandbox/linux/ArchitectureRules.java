package io.cloister.sandbox.linux;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// The arrows between the packages of this module, as rules.
final class ArchitectureRules {
    /// The packages that are functions from values to values.
    static final List<String> PURE =
            List.of("landlock", "limit", "plan", "program", "seccomp", "mount", "standstill");

    private static final String[] PURE_PACKAGES =
            PURE.stream().map(name -> "..linux." + name + "..").toArray(String[]::new);

    /// Methods of otherwise harmless classes that read a clock, the environment or a file.
    private static final Map<String, Set<String>> IMPURE_METHODS =
            Map.of(
                    "java.lang.System",
                    Set.of(
                            "currentTimeMillis",
                            "nanoTime",
                            "getenv",
                            "getProperty",
                            "setProperty",
                            "load",
                            "loadLibrary"),
                    "java.time.Instant",
                    Set.of("now"),
                    "java.time.LocalDateTime",
                    Set.of("now"),
                    "java.time.ZonedDateTime",
                    Set.of("now"),
                    "java.nio.file.Path",
                    Set.of("toRealPath", "toAbsolutePath", "toFile", "register"));

    /// Native code is the matter of one package.
    static final ArchRule NATIVE_CODE_STAYS_IN_FFM =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..linux.ffm..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.lang.foreign..");

    static final ArchRule PURE_PACKAGES_DO_NOT_KNOW_THE_OTHERS =
            noClasses()
                    .that()
                    .resideInAnyPackage(PURE_PACKAGES)
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("io.cloister..linux..")
                                    .and(
                                            DescribedPredicate.not(
                                                    resideInAnyPackage(PURE_PACKAGES))));

    static final ArchRule PURE_PACKAGES_TOUCH_NO_FILE =
            noClasses()
                    .that()
                    .resideInAnyPackage(PURE_PACKAGES)
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage(
                                            "java.io..",
                                            "java.net..",
                                            "java.nio.channels..",
                                            "java.nio.file..")
                                    .and(notAValue()));

    static final ArchRule PURE_PACKAGES_ASK_NOTHING_OF_THE_SYSTEM =
            noClasses()
                    .that()
                    .resideInAnyPackage(PURE_PACKAGES)
                    .should()
                    .accessTargetWhere(impureMethod())
                    .orShould()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.time.Clock")
                    .orShould()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.lang.ProcessBuilder")
                    .orShould()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.lang.Runtime");

    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.cloister..linux.(*)..").should().beFreeOfCycles();

    /// The root package starts everything; nothing below it knows it.
    static final ArchRule NOTHING_DEPENDS_ON_THE_PROVIDER =
            noClasses()
                    .that()
                    .resideInAPackage("io.cloister..linux.*..")
                    .should()
                    .dependOnClassesThat(resideInAPackage("io.cloister..linux"));

    private ArchitectureRules() {}

    /// A path is a name, and a stream into an array is an array that grows.
    private static DescribedPredicate<JavaClass> notAValue() {
        Set<String> values =
                Set.of(
                        "java.nio.file.Path",
                        "java.nio.file.InvalidPathException",
                        "java.io.ByteArrayOutputStream");
        return DescribedPredicate.describe(
                "are not plain values", type -> !values.contains(type.getName()));
    }

    private static DescribedPredicate<JavaAccess<?>> impureMethod() {
        return DescribedPredicate.describe(
                "the method reads a clock, the environment or a file",
                access -> {
                    AccessTarget target = access.getTarget();
                    return IMPURE_METHODS
                            .getOrDefault(target.getOwner().getName(), Set.of())
                            .contains(target.getName());
                });
    }
}
