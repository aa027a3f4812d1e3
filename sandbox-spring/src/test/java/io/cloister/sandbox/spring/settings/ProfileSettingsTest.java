package io.cloister.sandbox.spring.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.spring.settings.SandboxProperties.Profile;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Each property of a profile does what the setter of the builder does. Nothing is started.
class ProfileSettingsTest {
    private static final ApplicationContextRunner RUNNER =
            new ApplicationContextRunner().withUserConfiguration(Bound.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(SandboxProperties.class)
    static class Bound {}

    private static void properties(Consumer<SandboxProperties> test, String... properties) {
        RUNNER.withPropertyValues(properties)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    test.accept(context.getBean(SandboxProperties.class));
                });
    }

    private static Sandbox.Builder builder(SandboxProperties properties) {
        return ProfileSettings.builder(
                properties.defaults(), properties.profiles().get("x"), "sandbox.profiles.x");
    }

    private static void assertSpec(SandboxSpec expected, String... properties) {
        properties(bound -> assertThat(builder(bound).spec()).isEqualTo(expected), properties);
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                setting("preset=strict", b -> b),
                setting("preset=judge", b -> b.syscalls(SyscallPolicy.judge())),
                setting("preset=plugin", b -> b.syscalls(SyscallPolicy.plugin())),
                setting("preset=build", b -> b.syscalls(SyscallPolicy.build())),
                setting("syscalls=unfiltered", b -> b.syscalls(SyscallPolicy.unfiltered())),
                setting("isolation=namespaces", b -> b.requireNamespaces()),
                setting("memory-limit=256MB", b -> b.memoryLimit(Bytes.mebibytes(256))),
                setting("memory-high=100MB", b -> b.memoryHigh(Bytes.mebibytes(100))),
                setting("swap-limit=1MB", b -> b.swapLimit(Bytes.mebibytes(1))),
                setting("pids-limit=7", b -> b.pidsLimit(7)),
                setting("cpus=0.5", b -> b.cpus(0.5)),
                setting("cpuset=0", b -> b.cpuset("0")),
                setting("cpu-weight=7", b -> b.cpuWeight(7)),
                setting("io-weight=7", b -> b.ioWeight(7)),
                setting("cpu-time-limit=2s", b -> b.cpuTimeLimit(Duration.ofSeconds(2))),
                setting("wall-time-limit=1500ms", b -> b.wallTimeLimit(Duration.ofMillis(1500))),
                setting("idle-limit=3s", b -> b.idleTimeLimit(Duration.ofSeconds(3))),
                setting("extra-time=1s", b -> b.extraTime(Duration.ofSeconds(1))),
                setting("output-limit=1KB", b -> b.outputLimit(Bytes.kibibytes(1))),
                setting(
                        "unlimited=memory,swap,pids,cpu-time,wall-time,output",
                        b ->
                                b.unlimitedMemory()
                                        .unlimitedSwap()
                                        .unlimitedPids()
                                        .unlimitedCpuTime()
                                        .unlimitedWallTime()
                                        .unlimitedOutput()),
                setting(
                        "best-effort=memory,cpu-time",
                        b -> b.bestEffort(LimitItem.MEMORY, LimitItem.CPU_TIME)),
                setting("rlimits.nofile=64", b -> b.rlimit(Rlimit.NOFILE, 64)),
                setting("scratch-size=8MB", b -> b.scratchSize(Bytes.mebibytes(8))),
                setting("scratch-files=99", b -> b.scratchInodes(99)),
                setting("root=/srv", b -> b.root(Path.of("/srv"))),
                setting(
                        "read-only=/srv,/opt:/data",
                        b -> b.readOnly(Path.of("/srv")).readOnly(Path.of("/opt"), "/data")),
                setting(
                        "writable=/srv,/opt:/data",
                        b -> b.writable(Path.of("/srv")).writable(Path.of("/opt"), "/data")),
                setting("tmpfs.[/var/tmp]=3MB", b -> b.tmpfs("/var/tmp", Bytes.mebibytes(3))),
                setting("environment.[LC_ALL]=C", b -> b.environment("LC_ALL", "C")),
                setting("work-directory=/usr", b -> b.workDirectory("/usr")),
                setting("host-name=here", b -> b.hostName("here")),
                setting("user=7", b -> b.user(7, 7)),
                setting("group=8", b -> b.user(8, 8)),
                setting("host-net=true", b -> b.hostNet()),
                setting("host-net=false", b -> b.newNet()),
                setting("tcp-connect=80,443", b -> b.allowTcpConnect(80, 443)),
                setting("tcp-bind=8080", b -> b.allowTcpBind(8080)),
                setting("harden=deny-write-execute", b -> b.harden(Hardening.DENY_WRITE_EXECUTE)));
    }

    private static Arguments setting(String property, UnaryOperator<Sandbox.Builder> same) {
        return Arguments.of(property, same);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aPropertyOfAProfileIsASetter(String property, UnaryOperator<Sandbox.Builder> same) {
        assertSpec(same.apply(Sandbox.builder()).spec(), "sandbox.profiles.x." + property);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aPropertyOfTheDefaultsIsTheSame(String property, UnaryOperator<Sandbox.Builder> same) {
        assertSpec(
                same.apply(Sandbox.builder()).spec(),
                "sandbox.defaults." + property,
                "sandbox.profiles.x.trace-environment=true");
    }

    @Test
    void everyPropertyIsAmongThose() {
        Set<String> tested =
                settings()
                        .map(arguments -> (String) arguments.get()[0])
                        .map(property -> property.split("[.=]")[0])
                        .collect(Collectors.toCollection(TreeSet::new));
        // Tested below, and with the beans.
        tested.addAll(List.of("policy", "pool", "trace-environment"));

        assertThat(
                        Arrays.stream(Profile.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .map(name ->
                                        name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)))
                .containsExactlyInAnyOrderElementsOf(tested);
    }

    @ParameterizedTest
    @CsvSource({
        "confined,CONFINED",
        "namespaces-or-confined,NAMESPACES_OR_CONFINED",
        "NAMESPACES,NAMESPACES"
    })
    void theTierIsChosen(String value, Isolation isolation) {
        properties(
                bound -> assertThat(builder(bound).spec().isolation()).isEqualTo(isolation),
                "sandbox.profiles.x.isolation=" + value);
    }

    @Test
    void aLimitThatIsSetIsRequiredUnlessItIsBestEffort() {
        assertSpec(
                Sandbox.builder()
                        .memoryLimit(Bytes.mebibytes(1))
                        .pidsLimit(9)
                        .bestEffort(LimitItem.PIDS)
                        .spec(),
                "sandbox.profiles.x.memory-limit=1MB",
                "sandbox.profiles.x.pids-limit=9",
                "sandbox.profiles.x.best-effort=pids");
    }

    @Test
    void aGroupGoesWithItsUser() {
        assertSpec(
                Sandbox.builder().user(5, 6).spec(),
                "sandbox.profiles.x.user=5",
                "sandbox.profiles.x.group=6");
    }

    @Test
    void aPolicyTakesThePlaceOfTheDefaultsAndIsChangedByTheProfile(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        SandboxSpec policy = Sandbox.builder().hostName("filed").hostNet().spec();
        policy.write(file);

        assertSpec(
                policy.toBuilder().pidsLimit(9).spec(),
                "sandbox.defaults.host-name=common",
                "sandbox.profiles.x.policy=file:" + file,
                "sandbox.profiles.x.pids-limit=9");
    }

    @Test
    void aPolicyOfTheDefaultsIsTheStartOfAll(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        SandboxSpec policy = Sandbox.builder().hostNet().spec();
        policy.write(file);

        properties(
                bound -> {
                    SandboxSpec spec = builder(bound).spec();
                    assertThat(spec.newNamespaces()).doesNotContain(Namespace.NET);
                    assertThat(spec.hostName()).contains("common");
                },
                "sandbox.defaults.policy=file:" + file,
                "sandbox.defaults.host-name=common");
    }

    @Test
    void aPolicyThatIsNoPolicyIsRefused(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("policy.json");
        Files.writeString(file, "{\"nonsense\": 1}");

        properties(
                bound ->
                        assertThatExceptionOfType(RefusedPropertyException.class)
                                .isThrownBy(() -> builder(bound))
                                .satisfies(refused -> {
                                    assertThat(refused.property())
                                            .isEqualTo("sandbox.profiles.x.policy");
                                    assertThat(refused.expected()).contains("nonsense");
                                }),
                "sandbox.profiles.x.policy=file:" + file);
    }

    @Test
    void theEnvironmentOfTracesIsThatOfTheProfileOrOfTheDefaults() {
        properties(
                bound -> {
                    Settings settings = new Settings(bound);
                    assertThat(settings.tracesEnvironment("x")).isFalse();
                    assertThat(settings.tracesEnvironment("y")).isTrue();
                    assertThat(settings.profiles()).containsExactly("x", "y");
                },
                "sandbox.defaults.trace-environment=true",
                "sandbox.profiles.x.trace-environment=false",
                "sandbox.profiles.y.user=1");
        properties(
                bound -> assertThat(new Settings(bound).tracesEnvironment("x")).isFalse(),
                "sandbox.enabled=true");
    }

    @Test
    void withoutPropertiesThereIsNoBudgetAndTheTimesAreTheUsual() {
        properties(
                bound -> {
                    assertThat(new Settings(bound).budget()).isEqualTo(Optional.empty());
                    assertThat(bound.enabled()).isTrue();
                    assertThat(bound.shutdownTimeout()).isEqualTo(Duration.ofSeconds(20));
                    assertThat(bound.probeInterval()).isEqualTo(Duration.ofMinutes(1));
                    assertThat(bound.profiles()).isEmpty();
                },
                "other=1");
    }
}
