package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.linux.landlock.FileRight.*;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.landlock.LandlockPlan.PathRule;
import io.cloister.sandbox.linux.landlock.LandlockPlan.PortRule;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.TestHost;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.policy.Privileges;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class LandlockPlannerTest {

    private static final int NEWEST = 11;

    private static final Set<FileRight> ALL_OF_ABI_7 =
            EnumSet.complementOf(EnumSet.of(MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV, RESOLVE_UNIX));

    private static LandlockPlan plan(Sandbox.Builder builder, int abi) {
        return plan(builder.spec(), abi);
    }

    private static LandlockPlan plan(SandboxSpec spec, int abi) {
        MountPlan mounts = TestHost.plan(spec, TestHost.ORDINARY).mounts();
        return LandlockPlanner.underMounts(spec, mounts, LandlockSupport.of(abi));
    }

    private static Map<String, Set<FileRight>> paths(LandlockPlan plan) {
        return plan.paths().stream().collect(Collectors.toMap(PathRule::path, PathRule::rights));
    }

    private static Set<FileRight> minusExecute() {
        Set<FileRight> rights = EnumSet.copyOf(ALL_OF_ABI_7);
        rights.remove(EXECUTE);
        return rights;
    }

    static IntStream versions() {
        return IntStream.rangeClosed(1, NEWEST);
    }

    @Test
    void theStrictPolicyReadsAllExecutesTheHostsProgramsAndWritesWhatIsItsOwn() {
        assertThat(paths(plan(Sandbox.builder(), 7)))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "/",
                                Set.of(READ_FILE, READ_DIR),
                                "/usr",
                                Set.of(EXECUTE),
                                "/lib64",
                                Set.of(EXECUTE),
                                "/tmp",
                                ALL_OF_ABI_7,
                                "/dev/shm",
                                ALL_OF_ABI_7,
                                "/dev",
                                Set.of(READ_FILE, WRITE_FILE, IOCTL_DEV),
                                "/dev/mqueue",
                                minusExecute(),
                                "/dev/null",
                                Set.of(READ_FILE, WRITE_FILE, IOCTL_DEV),
                                "/proc",
                                Set.of(WRITE_FILE, TRUNCATE)));
    }

    @Test
    void bindsHaveTheRightsOfTheirMount() {
        Map<String, Set<FileRight>> paths =
                paths(
                        plan(
                                Sandbox.builder()
                                        .readOnly(Path.of("/srv/in"), "/in")
                                        .writable(Path.of("/srv/out"), "/out")
                                        .mount(Bind.readOnly(Path.of("/srv/d"), "/data").noexec())
                                        .mount(Bind.writable(Path.of("/srv/w"), "/w").noexec())
                                        .mount(
                                                Bind.readOnly(Path.of("/dev/x"), "/x")
                                                        .allowDevices()),
                                9));
        assertThat(paths.get("/in")).containsExactlyInAnyOrder(EXECUTE, RESOLVE_UNIX);
        assertThat(paths.get("/out"))
                .contains(EXECUTE, WRITE_FILE, MAKE_SOCK, REFER, TRUNCATE, RESOLVE_UNIX)
                .doesNotContain(MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV);
        assertThat(paths.get("/data")).containsExactlyInAnyOrder(RESOLVE_UNIX);
        assertThat(paths.get("/w")).contains(WRITE_FILE, MAKE_REG).doesNotContain(EXECUTE);
        assertThat(paths.get("/x"))
                .containsExactlyInAnyOrder(EXECUTE, RESOLVE_UNIX, WRITE_FILE, IOCTL_DEV);
    }

    @Test
    void aTmpfsAndFilesOfThePolicyHaveWhatTheirModeSays() {
        byte[] script = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
        Map<String, Set<FileRight>> paths =
                paths(
                        plan(
                                Sandbox.builder()
                                        .tmpfs("/work", Bytes.mebibytes(1))
                                        .mount(new FileContent("/run.sh", script, 0755))
                                        .mount(new FileContent("/data", script, 0644))
                                        .mount(new FileContent("/work/run.sh", script, 0755)),
                                7));
        assertThat(paths.get("/work")).isEqualTo(ALL_OF_ABI_7);
        assertThat(paths.get("/run.sh")).containsExactly(EXECUTE);
        assertThat(paths).doesNotContainKeys("/data", "/work/run.sh");
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aDirectoryRootIsReadAndExecutedAndWrittenIfItIsWritable(boolean writable) {
        Path root = Path.of("/srv/image");
        Sandbox.Builder builder = Sandbox.builder();
        Map<String, Set<FileRight>> paths =
                paths(plan(writable ? builder.writableRoot(root) : builder.root(root), 7));
        assertThat(paths.get("/")).contains(READ_FILE, READ_DIR, EXECUTE);
        assertThat(paths.get("/").contains(MAKE_REG)).isEqualTo(writable);
        if (!writable) {
            assertThat(paths.get("/tmp")).isEqualTo(ALL_OF_ABI_7);
        }
        assertThat(paths.get("/dev")).contains(IOCTL_DEV, READ_FILE, WRITE_FILE);
    }

    @Test
    void whatADirectoryAboveOpensIsNotSaidTwice() {
        Map<String, Set<FileRight>> paths =
                paths(plan(Sandbox.builder().writableRoot(Path.of("/srv/image")), 7));
        assertThat(paths).doesNotContainKeys("/tmp", "/dev/shm", "/proc").containsKey("/dev/null");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noVersionIsAskedForMoreThanItKnows(int abi) {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .writable(Path.of("/srv/out"), "/out")
                        .mount(Bind.readOnly(Path.of("/dev/x"), "/x").allowDevices());
        LandlockPlan plan = plan(abi < 4 ? builder : builder.allowTcpBind(1), abi);
        assertThat(plan.abi()).isEqualTo(abi);
        for (PathRule rule : plan.paths()) {
            assertThat(rule.rights()).isNotEmpty();
            assertThat(plan.files()).containsAll(rule.rights());
        }
        assertThat(plan.fileBits()).isEqualTo(knownFileBits(abi));
        assertThat(plan.portBits()).isEqualTo(abi >= 4 ? 1 : 0);
        assertThat(plan.scopeBits()).isEqualTo(abi >= 6 ? 3 : 0);
        assertThat(plan.attributeSize()).isEqualTo(abi >= 6 ? 24 : abi >= 4 ? 16 : 8);
        assertThat(plan.flags()).isEqualTo(abi >= 7 ? 4 : 0);
        assertThat(plan.isEmpty()).isEqualTo(abi == 1);
    }

    /// As in linux/landlock.h; nothing in version 1, which forbids all renames between directories.
    private static long knownFileBits(int abi) {
        if (abi == 1) {
            return 0;
        }
        return abi >= 9 ? 0x1ffff : abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : 0x3fff;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFileHasRightsOfFilesOnly(int abi) {
        SandboxSpec spec = Sandbox.builder().writable(Path.of("/srv/f"), "/f").spec();
        var source = new io.cloister.sandbox.linux.mount.Source.Checked("/srv/f", false, 1, 1);
        MountPlan mounts =
                io.cloister.sandbox.linux.plan.LaunchPlanner.mounts(
                        spec,
                        TestHost.ORDINARY,
                        Optional.empty(),
                        Map.of(spec.filesystem().mounts().getFirst(), source));
        LandlockPlan plan = LandlockPlanner.underMounts(spec, mounts, LandlockSupport.of(abi));
        if (abi == 1) {
            assertThat(plan.paths()).isEmpty();
            return;
        }
        PathRule rule =
                plan.paths().stream().filter(r -> r.path().equals("/f")).findFirst().orElseThrow();
        assertThat(rule.directory()).isFalse();
        assertThat(FileRight.OF_FILES).containsAll(rule.rights());
        assertThat(rule.rights()).contains(EXECUTE, WRITE_FILE);
        assertThat(rule.rights().contains(TRUNCATE)).isEqualTo(abi >= 3);
    }

    @Test
    void onTheHostsMountsFilesAreLeftAlone() {
        LandlockPlan plan = plan(Sandbox.builder().hostMount(), 7);
        assertThat(plan.files()).isEmpty();
        assertThat(plan.paths()).isEmpty();
        assertThat(plan.scoped()).isTrue();
        assertThat(plan(Sandbox.builder().hostMount(), 5).isEmpty()).isTrue();
    }

    @Test
    void messageQueuesAreOpenIfTheyAreItsOwnAndKeepTheDomainFromFilesIfNot() {
        assertThat(paths(plan(Sandbox.builder(), 7)).get("/dev/mqueue"))
                .contains(READ_FILE, WRITE_FILE);
        LandlockPlan shared = plan(Sandbox.builder().hostIpc(), 7);
        assertThat(shared.files()).isEmpty();
    }

    @Test
    void whoMayMountHasNoRulesOverFiles() {
        SandboxSpec strict = SandboxSpec.strict();
        SandboxSpec mayMount =
                new SandboxSpec(
                        strict.newNamespaces(),
                        strict.filesystem(),
                        strict.identity(),
                        strict.hostName(),
                        strict.domainName(),
                        strict.clockOffsets(),
                        strict.umask(),
                        strict.environment(),
                        strict.workDirectory(),
                        strict.limits(),
                        strict.syscalls(),
                        new Privileges(Set.of(Capability.SYS_ADMIN), Set.of()),
                        strict.network(),
                        strict.isolation());
        assertThat(plan(mayMount, 7).files()).isEmpty();
        assertThat(plan(mayMount, 7).scoped()).isTrue();
    }

    @Test
    void portsAreClosedButForThoseThatAreAllowed() {
        LandlockPlan plan = plan(Sandbox.builder().allowTcpBind(80, 0).allowTcpConnect(80, 443), 4);
        assertThat(plan.ports()).containsExactly(NetworkRight.BIND_TCP, NetworkRight.CONNECT_TCP);
        assertThat(plan.openPorts())
                .containsExactly(
                        new PortRule(0, Set.of(NetworkRight.BIND_TCP)),
                        new PortRule(80, Set.of(NetworkRight.BIND_TCP, NetworkRight.CONNECT_TCP)),
                        new PortRule(443, Set.of(NetworkRight.CONNECT_TCP)));
        assertThat(plan.portBits()).isEqualTo(3);
        assertThat(plan.openPorts().get(1).bits()).isEqualTo(3);
    }

    @Test
    void noPortIsOpenIfNoneIsAllowedAndOneDirectionLeavesTheOtherOpen() {
        LandlockPlan none = plan(Sandbox.builder().denyTcpConnect(), 7);
        assertThat(none.ports()).containsExactly(NetworkRight.CONNECT_TCP);
        assertThat(none.openPorts()).isEmpty();
        assertThat(plan(Sandbox.builder(), 7).ports()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void closedPortsAreRefusedWhereTheyCannotBeKept(int abi) {
        LandlockSupport support =
                abi == 0 ? LandlockSupport.missing("there is none") : LandlockSupport.of(abi);
        assertThatThrownBy(() -> LandlockPlanner.admit(NetworkPolicy.allPorts().bind(80), support))
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> assertThat(e.remedy()).contains("6.7").contains("allow all ports"))
                .hasMessageContaining("bind only [80]")
                .hasMessageContaining(abi == 0 ? "there is none" : "ABI " + abi);
        assertThatCode(() -> LandlockPlanner.admit(NetworkPolicy.allPorts(), support))
                .doesNotThrowAnyException();
        assertThatCode(() -> LandlockPlanner.admit(NetworkPolicy.noTcp(), LandlockSupport.of(4)))
                .doesNotThrowAnyException();
    }

    @Test
    void aPlanTellsWhatItIs() {
        assertThat(plan(Sandbox.builder().allowTcpBind(80), 7).summary())
                .isEqualTo("ABI 7, 9 paths, 1 port, signals and abstract sockets of its own only");
        assertThat(plan(Sandbox.builder(), 2).summary()).isEqualTo("ABI 2, 9 paths");
        assertThat(plan(Sandbox.builder(), 7).paths())
                .extracting(PathRule::toString)
                .contains("/tmp: all", "/usr: execute");
        assertThat(new PortRule(80, Set.of(NetworkRight.CONNECT_TCP)))
                .hasToString("port 80: connect_tcp");
        assertThat(List.of(LandlockPlan.NONE.isEmpty())).containsExactly(true);
    }
}
