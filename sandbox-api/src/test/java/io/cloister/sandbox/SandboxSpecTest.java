package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;
import io.cloister.sandbox.policy.RootFilesystem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

class SandboxSpecTest {
    @TempDir Path directory;

    @Test
    void theDefaultIsTheStrictest() {
        SandboxSpec spec = SandboxSpec.strict();
        assertThat(spec.newNamespaces()).containsExactly(Namespace.values());
        assertThat(spec.filesystem().root()).isEqualTo(new RootFilesystem.MinimalHost());
        assertThat(spec.filesystem().mounts()).isEmpty();
        assertThat(spec.filesystem().scratchSize()).isEqualTo(Bytes.mebibytes(64));
        assertThat(spec.filesystem().scratchInodes()).isEqualTo(65536);
        assertThat(spec.identity().uid()).isEqualTo(1000);
        assertThat(spec.identity().gid()).isEqualTo(1000);
        assertThat(spec.identity().groups()).isEmpty();
        assertThat(spec.hostName()).contains("sandbox");
        assertThat(spec.domainName()).isEmpty();
        assertThat(spec.clockOffsets()).isEmpty();
        assertThat(spec.umask()).isEqualTo(022);
        assertThat(spec.environment())
                .containsExactly(
                        Map.entry(
                                "PATH",
                                "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"),
                        Map.entry("HOME", "/tmp"),
                        Map.entry("LANG", "C.UTF-8"));
        assertThat(spec.workDirectory()).isEqualTo("/tmp");
        assertThat(spec.limits().wallTime()).contains(Duration.ofMinutes(5));
        assertThat(spec.limits().output()).contains(Bytes.mebibytes(16));
        assertThat(spec.limits().memory()).contains(Bytes.gibibytes(1));
        assertThat(spec.limits().swap()).contains(Bytes.of(0));
        assertThat(spec.limits().pids()).contains(256L);
        assertThat(spec.limits().cpuTime()).contains(Duration.ofMinutes(5));
        assertThat(spec.limits().bestEffort())
                .containsExactly(
                        LimitItem.MEMORY, LimitItem.SWAP, LimitItem.PIDS, LimitItem.CPU_TIME);
        assertThat(spec.limits().cpus()).isEmpty();
        assertThat(spec.limits().rlimits())
                .containsEntry(Rlimit.CORE, new RlimitValue(0, 0))
                .containsEntry(Rlimit.NOFILE, new RlimitValue(1024, 4096))
                .containsEntry(Rlimit.NPROC, new RlimitValue(1024, 1024));
    }

    @Test
    void isAValue() {
        SandboxSpec one = Sandbox.builder().file("/etc/x", new byte[] {1}).cpus(0.5).spec();
        SandboxSpec same = Sandbox.builder().file("/etc/x", new byte[] {1}).cpus(0.5).spec();
        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(one).isNotEqualTo(one.toBuilder().cpus(0.6).spec());
        assertThat(one.toBuilder().spec()).isEqualTo(one);
    }

    @Test
    void doesNotSeeLaterChangesOfWhatItWasMadeFrom() {
        Map<String, String> environment = new HashMap<>(Map.of("A", "1"));
        SandboxSpec strict = SandboxSpec.strict();
        SandboxSpec spec =
                new SandboxSpec(
                        EnumSet.allOf(Namespace.class),
                        FilesystemPolicy.standard(),
                        Identity.standard(),
                        strict.hostName(),
                        Optional.empty(),
                        Map.of(),
                        0,
                        environment,
                        "/",
                        ResourceLimits.standard(),
                        strict.syscalls(),
                        strict.privileges(),
                        strict.network(),
                        strict.isolation());
        environment.put("B", "2");
        assertThat(spec.environment()).containsOnlyKeys("A");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> spec.environment().put("B", "2"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> spec.newNamespaces().clear());
    }

    @Test
    void printsNoValueOfTheEnvironmentAndNoContentsOfFiles() {
        SandboxSpec spec =
                Sandbox.builder()
                        .environment("TOKEN", "secret")
                        .file("/etc/key", "secret".getBytes())
                        .spec();
        assertThat(spec.toString()).contains("TOKEN", "/etc/key", "6 B").doesNotContain("secret");
    }

    @Test
    void hostMountExcludesEverythingThatShapesTheTree() {
        Sandbox.Builder builder = Sandbox.builder().hostMount();
        assertThat(builder.spec().newNamespaces()).doesNotContain(Namespace.MOUNT);
        Path srv = Path.of("/srv");
        assertRefused(
                Sandbox.builder().hostMount().root(srv),
                "root(...), writableRoot(...) or emptyRoot() and hostMount() exclude each other");
        assertRefused(
                Sandbox.builder().hostMount().readOnly(srv),
                "a mount, tmpfs, file or link (/srv) and hostMount() exclude each other");
        assertRefused(
                Sandbox.builder().hostMount().tmpfs("/work", Bytes.mebibytes(1)),
                "a mount, tmpfs, file or link (/work) and hostMount() exclude each other");
        assertRefused(
                Sandbox.builder().hostMount().hideProc("/proc/stat"),
                "proc(...), hideProc(...) or readOnlyProc(...) and hostMount() exclude each other");
        assertRefused(
                Sandbox.builder().hostMount().scratchSize(Bytes.mebibytes(1)),
                "scratchSize(...) and hostMount() exclude each other");
        assertRefused(
                Sandbox.builder().hostMount().scratchInodes(7),
                "scratchInodes(...) and hostMount() exclude each other");
        assertThat(builder.newMount().readOnly(srv).spec().filesystem().mounts()).hasSize(1);
    }

    @Test
    void hostUtsExcludesNames() {
        assertThat(Sandbox.builder().hostUts().spec().hostName()).isEmpty();
        assertRefused(
                Sandbox.builder().hostUts().hostName("box"),
                "hostName(...) and hostUts() exclude each other");
        assertRefused(
                Sandbox.builder().hostUts().domainName("lan"),
                "domainName(...) and hostUts() exclude each other");
        assertThat(Sandbox.builder().hostName("box").domainName("lan").spec().domainName())
                .contains("lan");
    }

    @Test
    void hostTimeExcludesClockOffsets() {
        Duration hour = Duration.ofHours(1);
        assertRefused(
                Sandbox.builder().hostTime().clockOffset(SandboxClock.BOOTTIME, hour),
                "clockOffset(...) and hostTime() exclude each other");
        assertThat(Sandbox.builder().clockOffset(SandboxClock.BOOTTIME, hour).spec().clockOffsets())
                .containsExactly(Map.entry(SandboxClock.BOOTTIME, hour));
    }

    @Test
    void hostUserExcludesMaps() {
        assertRefused(
                Sandbox.builder().hostUser().mapUids(1000, 100000, 1),
                "mapUids(...) and hostUser() exclude each other");
        assertRefused(
                Sandbox.builder().hostUser().mapGids(1000, 100000, 1),
                "mapGids(...) and hostUser() exclude each other");
        assertRefused(
                Sandbox.builder().hostUser().user(7, 8),
                "user(...) or groups(...) and hostUser() exclude each other");
        assertThat(Sandbox.builder().user(7, 8).spec().identity().uid()).isEqualTo(7);
    }

    @Test
    void groupsNeedAMapOfGroups() {
        assertRefused(
                Sandbox.builder().groups(20),
                "groups(...) [20] need mapUids(...) and mapGids(...): otherwise 1000 is the only"
                        + " one");
        Sandbox.Builder mapped =
                Sandbox.builder().groups(20).mapUids(0, 100000, 2000).mapGids(0, 100000, 2000);
        assertThat(mapped.spec().identity().groups()).containsExactly(20);
    }

    @Test
    void oneMapNeedsTheOther() {
        assertRefused(
                Sandbox.builder().mapUids(0, 100000, 2000),
                "mapUids(...) and mapGids(...) must both be given, or neither");
        assertRefused(
                Sandbox.builder().mapGids(0, 100000, 2000),
                "mapUids(...) and mapGids(...) must both be given, or neither");
    }

    private static void assertRefused(Sandbox.Builder builder, String message) {
        assertThatIllegalArgumentException().isThrownBy(builder::spec).withMessage(message);
    }

    @Test
    void settersCheckAtOnce() {
        Sandbox.Builder builder = Sandbox.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.umask(01000))
                .withMessage("umask must be 0 to 0777, was 01000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.umask(-1))
                .withMessage("umask must be 0 to 0777, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.hostName("a b"))
                .withMessage(
                        "hostName must be 1 to 64 letters, digits, '.', '_' or '-', was \"a b\"");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.hostName("a".repeat(65)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.domainName(""))
                .withMessageStartingWith("domainName must be 1 to 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.workDirectory("work"))
                .withMessage("workDirectory must be absolute, was \"work\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.environment("A", "\0"))
                .withMessageContaining("environment variable A");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.user(-1, 0))
                .withMessage("uid must be >= 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.groups(1, -2))
                .withMessage("a group must be >= 0, was -2");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder.clockOffset(SandboxClock.MONOTONIC, Duration.ofDays(146 * 366)))
                .withMessageStartingWith("offset of clock monotonic must be");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder.clockOffset(
                                SandboxClock.MONOTONIC, Duration.ofSeconds(Long.MIN_VALUE)));
        assertThat(builder.spec()).isEqualTo(SandboxSpec.strict());
    }

    @Test
    void theUserMayBeSetBeforeOrAfterItsMap() {
        SandboxSpec before =
                Sandbox.builder().user(0, 0).mapUids(0, 5000, 10).mapGids(0, 5000, 10).spec();
        SandboxSpec after =
                Sandbox.builder().mapUids(0, 5000, 10).mapGids(0, 5000, 10).user(0, 0).spec();
        assertThat(before).isEqualTo(after);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sandbox.builder().mapUids(0, 5000, 10).spec())
                .withMessageStartingWith("uid must lie within uidMap, was 1000");
    }

    @Test
    void theEnvironmentCanBeExtendedOrReplaced() {
        assertThat(Sandbox.builder().environment("A", "1").spec().environment())
                .containsKeys("PATH", "HOME", "LANG", "A");
        Map<String, String> ordered = new LinkedHashMap<>();
        ordered.put("Z", "1");
        ordered.put("A", "2");
        assertThat(Sandbox.builder().onlyEnvironment(ordered).spec().environment())
                .containsExactly(Map.entry("Z", "1"), Map.entry("A", "2"));
    }

    @Test
    void limitsCanBeLifted() {
        ResourceLimits limits =
                Sandbox.builder()
                        .unlimitedMemory()
                        .unlimitedSwap()
                        .unlimitedPids()
                        .unlimitedCpuTime()
                        .unlimitedWallTime()
                        .unlimitedOutput()
                        .spec()
                        .limits();
        assertThat(limits).isEqualTo(ResourceLimits.unlimited());
    }

    @Test
    void everyLimitHasASetter() {
        DeviceIo io = DeviceIo.operationsPerSecond(Path.of("/dev/sda"), 10, 20);
        ResourceLimits limits =
                Sandbox.builder()
                        .memoryLimit(Bytes.mebibytes(3))
                        .memoryHigh(Bytes.mebibytes(2))
                        .swapLimit(Bytes.mebibytes(1))
                        .pidsLimit(4)
                        .cpus(0.5)
                        .cpuBurst(Duration.ofMillis(50))
                        .cpuWeight(200)
                        .cpuset("0-1")
                        .memoryNodes("0")
                        .ioWeight(300)
                        .ioLimit(io)
                        .hugePagesLimit(Bytes.mebibytes(2), Bytes.mebibytes(64))
                        .cpuTimeLimit(Duration.ofSeconds(5))
                        .idleTimeLimit(Duration.ofSeconds(6))
                        .extraTime(Duration.ofSeconds(7))
                        .bestEffort(LimitItem.values())
                        .required(LimitItem.MEMORY)
                        .spec()
                        .limits();
        assertThat(limits)
                .isEqualTo(
                        ResourceLimits.standard()
                                .memory(Bytes.mebibytes(3))
                                .memoryHigh(Bytes.mebibytes(2))
                                .swap(Bytes.mebibytes(1))
                                .pids(4)
                                .cpus(0.5)
                                .cpuBurst(Duration.ofMillis(50))
                                .cpuWeight(200)
                                .cpuset("0-1")
                                .memoryNodes("0")
                                .ioWeight(300)
                                .io(io)
                                .hugePages(Bytes.mebibytes(2), Bytes.mebibytes(64))
                                .cpuTime(Duration.ofSeconds(5))
                                .idleTime(Duration.ofSeconds(6))
                                .extraTime(Duration.ofSeconds(7))
                                .bestEffort(LimitItem.values())
                                .required(LimitItem.MEMORY));
    }

    @Test
    void aBurstIsPartOfTheShareOfAPeriod() {
        Sandbox.Builder builder = Sandbox.builder().cpuBurst(Duration.ofMillis(51));
        assertThatIllegalArgumentException()
                .isThrownBy(builder::spec)
                .withMessage("cpuBurst 51ms needs a limit on cpus, to which it adds");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.cpus(0.5).spec())
                .withMessage(
                        "cpuBurst must be <= 50ms, the time that cpus 0.5 gives in 100ms, was"
                                + " 51ms");
        assertThat(builder.cpus(0.51).spec().limits().cpuBurst()).contains(Duration.ofMillis(51));
    }

    @Test
    void isReadBackFromTheFileItWasWrittenTo() throws IOException {
        Path file = directory.resolve("judge.json");
        SandboxSpec spec = Sandbox.builder().memoryLimit(Bytes.mebibytes(256)).spec();
        spec.write(file);
        assertThat(SandboxSpec.read(file)).isEqualTo(spec);
        assertThat(Files.readString(file)).endsWith("}\n");
    }

    @Test
    void aFileThatIsNoPolicyIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("x.json"), "{\"umask\":\"9\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(file))
                .withMessage(
                        file + ":1:10: umask: expected octal text such as \"0755\", was \"9\"");
    }

    @Test
    void aFileThatIsMissingIsNamed() {
        Path file = directory.resolve("nope.json");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> SandboxSpec.read(file))
                .withMessage("cannot read the policy " + file);
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> SandboxSpec.strict().write(directory.resolve("no/x.json")))
                .withMessageStartingWith("cannot write the policy");
    }
}
