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
import io.cloister.sandbox.spring.settings.SandboxProperties.Pool;
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
                setting("user=7", b -> b.user(7, 1000)),
                setting("group=8", b -> b.user(1000, 8)),
                setting("host-net=true", b -> b.hostNet()),
                setting("host-net=false", b -> b.newNet()),
                setting("tcp-connect=80,443", b -> b.allowTcpConnect(80, 443)),
                setting("tcp-connect=", b -> b.denyTcpConnect()),
                setting("tcp-bind=8080", b -> b.allowTcpBind(8080)),
                setting("tcp-bind=", b -> b.denyTcpBind()),
                setting("harden=", b -> b),
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
    void userAndGroupLeaveEachOtherAsTheyAre(@TempDir Path directory) {
        assertSpec(
                Sandbox.builder().user(5, 6).spec(),
                "sandbox.profiles.x.user=5",
                "sandbox.profiles.x.group=6");
        assertSpec(
                Sandbox.builder().user(1234, 50).spec(),
                "sandbox.defaults.user=1234",
                "sandbox.profiles.x.group=50");
        assertSpec(
                Sandbox.builder().user(7, 50).spec(),
                "sandbox.defaults.user=1234",
                "sandbox.defaults.group=50",
                "sandbox.profiles.x.user=7");
        Path file = directory.resolve("policy.json");
        SandboxSpec policy = Sandbox.builder().user(1500, 1500).spec();
        policy.write(file);
        assertSpec(
                policy.toBuilder().user(1500, 0).spec(),
                "sandbox.defaults.user=1234",
                "sandbox.profiles.x.policy=file:" + file,
                "sandbox.profiles.x.group=0");
    }

    @Test
    void portsOfAProfileTakeThePlaceOfEarlierOnes(@TempDir Path directory) {
        assertSpec(
                Sandbox.builder().allowTcpConnect(443).allowTcpBind(9).spec(),
                "sandbox.defaults.tcp-connect=80,443",
                "sandbox.defaults.tcp-bind=8,9",
                "sandbox.profiles.x.tcp-connect=443",
                "sandbox.profiles.x.tcp-bind=9");
        assertSpec(
                Sandbox.builder().denyTcpConnect().allowTcpBind(8).spec(),
                "sandbox.defaults.tcp-connect=80",
                "sandbox.defaults.tcp-bind=8",
                "sandbox.profiles.x.tcp-connect=");
        Path file = directory.resolve("policy.json");
        SandboxSpec policy = Sandbox.builder().allowTcpConnect(5432).allowTcpBind(1).spec();
        policy.write(file);
        assertSpec(
                Sandbox.builder().allowTcpConnect(443).allowTcpBind(1).spec(),
                "sandbox.profiles.x.policy=file:" + file,
                "sandbox.profiles.x.tcp-connect=443");
    }

    @Test
    void anEmptyPortIsRefused() {
        properties(
                bound ->
                        assertThatExceptionOfType(RefusedPropertyException.class)
                                .isThrownBy(() -> builder(bound))
                                .withMessageContaining("sandbox.profiles.x.tcp-connect"),
                "sandbox.profiles.x.tcp-connect=80,,443");
    }

    @Test
    void whatIsHardenedAndWhatIsReadAddsUp() {
        assertSpec(
                Sandbox.builder()
                        .harden(Hardening.DENY_WRITE_EXECUTE, Hardening.MITIGATE_SPECULATION)
                        .readOnly(Path.of("/srv"))
                        .readOnly(Path.of("/opt"))
                        .spec(),
                "sandbox.defaults.harden=deny-write-execute",
                "sandbox.defaults.read-only=/srv",
                "sandbox.profiles.x.harden=mitigate-speculation",
                "sandbox.profiles.x.read-only=/opt");
    }

    @Test
    void aPresetTogetherWithAPolicyIsRefused(@TempDir Path directory) {
        Path file = directory.resolve("policy.json");
        SandboxSpec tight = Sandbox.builder().syscalls(SyscallPolicy.judge()).spec();
        tight.write(file);
        String policy = "policy=file:" + file;
        assertPresetRefused(
                "sandbox.profiles.x.preset",
                "sandbox.profiles.x." + policy,
                "sandbox.profiles.x.preset=strict");
        assertPresetRefused(
                "sandbox.profiles.x.preset",
                "sandbox.defaults." + policy,
                "sandbox.profiles.x.preset=strict");
        assertPresetRefused(
                "sandbox.defaults.preset",
                "sandbox.defaults." + policy,
                "sandbox.defaults.preset=strict");
        // The defaults are not for a profile with a policy of its own.
        assertSpec(tight, "sandbox.defaults.preset=strict", "sandbox.profiles.x." + policy);
        // This says what it does.
        assertSpec(
                tight.toBuilder().syscalls(SyscallPolicy.standard()).spec(),
                "sandbox.profiles.x." + policy,
                "sandbox.profiles.x.syscalls=standard");
    }

    private static void assertPresetRefused(String property, String... properties) {
        properties(
                bound ->
                        assertThatExceptionOfType(RefusedPropertyException.class)
                                .isThrownBy(() -> builder(bound))
                                .satisfies(refused -> {
                                    assertThat(refused.property()).isEqualTo(property);
                                    assertThat(refused.expected()).contains("set syscalls");
                                }),
                properties);
    }

    @Test
    void aVariableThatIsRefusedDoesNotTellItsValue() {
        properties(
                bound ->
                        assertThatExceptionOfType(RefusedPropertyException.class)
                                .isThrownBy(() -> builder(bound))
                                .satisfies(refused -> {
                                    assertThat(refused.property())
                                            .isEqualTo("sandbox.profiles.x.environment.[TOKEN]");
                                    assertThat(refused.value()).isEqualTo("(not shown)");
                                    assertThat(refused).hasMessageNotContainingAny("hunter2");
                                }),
                "sandbox.profiles.x.environment.[TOKEN]=hunter2\u0000tail");
    }

    @Test
    void eachPropertyOfAPoolIsThatOfTheProfileOrOfTheDefaults() {
        String[] properties = {
            "sandbox.defaults.pool.uses=1",
            "sandbox.defaults.pool.queue=7",
            "sandbox.defaults.pool.patience=3s",
            "sandbox.profiles.x.pool.size=2",
            "sandbox.profiles.x.pool.queue=9"
        };
        properties(
                bound ->
                        assertThat(
                                        PoolSettings.merged(
                                                bound.defaults().pool(),
                                                bound.profiles().get("x").pool()))
                                .isEqualTo(
                                        new Pool(2, null, 9, Duration.ofSeconds(3), null, 1, null)),
                properties);
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

    @ParameterizedTest
    @CsvSource({
        "shutdown-timeout,-5s",
        "shutdown-timeout,400000d",
        "probe-interval,-1m",
        "probe-interval,400000d"
    })
    void aTimeThatIsNoneIsRefused(String name, String value) {
        properties(
                bound ->
                        assertThatExceptionOfType(RefusedPropertyException.class)
                                .isThrownBy(() -> {
                                    new Settings(bound).shutdownTimeout();
                                    new Settings(bound).probeInterval();
                                })
                                .withMessageContaining("sandbox." + name + " = ")
                                .withMessageContaining("must be 0s to "),
                "sandbox." + name + "=" + value);
    }

    @Test
    void withoutPropertiesThereIsNoBudgetAndTheTimesAreTheUsual() {
        properties(
                bound -> {
                    assertThat(new Settings(bound).budget()).isEqualTo(Optional.empty());
                    assertThat(bound.enabled()).isTrue();
                    assertThat(new Settings(bound).shutdownTimeout())
                            .isEqualTo(Duration.ofSeconds(20));
                    assertThat(new Settings(bound).probeInterval())
                            .isEqualTo(Duration.ofMinutes(1));
                    assertThat(bound.profiles()).isEmpty();
                },
                "other=1");
    }
}
