package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

class SpecJsonTest {
    @Test
    void anEmptyObjectIsTheStrictestPolicy() {
        assertThat(SandboxSpec.fromJson("{}")).isEqualTo(SandboxSpec.strict());
    }

    @Test
    void readsEveryField() {
        SandboxSpec spec =
                SandboxSpec.fromJson(
                        """
                        {"namespaces":{"net":"host","pid":"new"},
                         "root":{"directory":"/srv/image","writable":true},
                         "scratch":{"size":"32m","inodes":100},
                         "mounts":[
                           {"bind":"/srv/in","to":"/in","writable":false,"optional":true,
                            "executable":false},
                           {"bind":"/usr"},
                           {"descriptor":7,"to":"/out","writable":true,"devices":true,
                            "followSymlinks":false},
                           {"tmpfs":"/work","size":"64m","inodes":1000,"mode":"0700"},
                           {"file":"/etc/x","text":"grün\\n","mode":"0600"},
                           {"file":"/etc/y","base64":"/wA="},
                           {"symlink":"/a","target":"b"},
                           {"directory":"/d"}],
                         "proc":{"view":"processesOnly","masked":[],"readOnly":["/proc/sys"]},
                         "user":{"uid":1001,"gid":1002,"groups":[20],
                           "uidMap":[{"inside":0,"outside":100000,"count":2000}],
                           "gidMap":[{"inside":0,"outside":200000,"count":2000}]},
                         "hostName":"box","domainName":"lan",
                         "clockOffsets":{"boottime":"1h","monotonic":"-1.5s"},
                         "umask":"027","environment":{"A":"1"},"workDirectory":"/work",
                         "limits":{"memory":"256m","memoryHigh":"200m","swap":"0","pids":32,
                           "cpus":0.5,"cpuBurst":"20ms","cpuWeight":200,"cpuset":"0-1,3",
                           "memoryNodes":"0","ioWeight":50,
                           "io":[{"device":"/dev/sda","readPerSecond":"10m",
                                  "writeOperationsPerSecond":100}],
                           "hugePages":{"2m":"64m"},
                           "cpuTime":"2s","wallTime":"6s","idleTime":"3s","extraTime":"1s",
                           "output":1024,"rlimits":{"nofile":"64:128"},
                           "bestEffort":["io","cpuset"]},
                         "privileges":{"capabilities":["CAP_NET_RAW","CAP_CHOWN"],
                           "harden":["denyWriteExecute"]},
                         "network":{"tcpBind":[8080,0],"tcpConnect":[]}}
                        """);
        SandboxSpec expected =
                Sandbox.builder()
                        .hostNet()
                        .writableRoot(Path.of("/srv/image"))
                        .scratchSize(Bytes.mebibytes(32))
                        .scratchInodes(100)
                        .mount(Bind.readOnly(Path.of("/srv/in"), "/in").skipIfMissing().noexec())
                        .readOnly(Path.of("/usr"))
                        .mount(Bind.writable(7, "/out").allowDevices().nosymfollow())
                        .mount(new Tmpfs("/work", Bytes.mebibytes(64), 1000, 0700))
                        .mount(
                                new FileContent(
                                        "/etc/x", "grün\n".getBytes(StandardCharsets.UTF_8), 0600))
                        .file("/etc/y", new byte[] {(byte) 0xff, 0})
                        .symlink("/a", "b")
                        .mount(new EmptyDirectory("/d"))
                        .proc(
                                new ProcFilesystem(
                                        View.PROCESSES_ONLY, List.of(), List.of("/proc/sys")))
                        .user(1001, 1002)
                        .groups(20)
                        .mapUids(0, 100000, 2000)
                        .mapGids(0, 200000, 2000)
                        .hostName("box")
                        .domainName("lan")
                        .clockOffset(SandboxClock.BOOTTIME, Duration.ofHours(1))
                        .clockOffset(SandboxClock.MONOTONIC, Duration.ofMillis(-1500))
                        .umask(027)
                        .keepCapabilities(Capability.CHOWN, Capability.NET_RAW)
                        .harden(Hardening.DENY_WRITE_EXECUTE)
                        .onlyEnvironment(Map.of("A", "1"))
                        .workDirectory("/work")
                        .allowTcpBind(0, 8080)
                        .denyTcpConnect()
                        .memoryLimit(Bytes.mebibytes(256))
                        .memoryHigh(Bytes.mebibytes(200))
                        .swapLimit(Bytes.of(0))
                        .pidsLimit(32)
                        .cpus(0.5)
                        .cpuBurst(Duration.ofMillis(20))
                        .cpuWeight(200)
                        .cpuset("0-1,3")
                        .memoryNodes("0")
                        .ioWeight(50)
                        .ioLimit(
                                new DeviceIo(
                                        Path.of("/dev/sda"),
                                        Optional.of(Bytes.mebibytes(10)),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(100L)))
                        .hugePagesLimit(Bytes.mebibytes(2), Bytes.mebibytes(64))
                        .cpuTimeLimit(Duration.ofSeconds(2))
                        .wallTimeLimit(Duration.ofSeconds(6))
                        .idleTimeLimit(Duration.ofSeconds(3))
                        .extraTime(Duration.ofSeconds(1))
                        .outputLimit(Bytes.kibibytes(1))
                        .rlimit(Rlimit.NOFILE, 64, 128)
                        .bestEffort(LimitItem.IO, LimitItem.CPUSET)
                        .spec();
        assertThat(spec).isEqualTo(expected);
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void unlimitedIsSaidInWords() {
        SandboxSpec spec =
                SandboxSpec.fromJson(
                        """
                        {"limits":{"memory":"unlimited","swap":"unlimited","pids":"unlimited",
                                   "cpuTime":"unlimited","wallTime":"unlimited",
                                   "output":"unlimited","rlimits":{"nproc":"unlimited"}}}
                        """);
        assertThat(spec.limits())
                .isEqualTo(
                        ResourceLimits.unlimited().rlimit(Rlimit.NPROC, new RlimitValue(-1, -1)));
        assertThat(spec.limits().rlimits())
                .containsEntry(Rlimit.NPROC, new RlimitValue(-1, -1))
                .containsEntry(Rlimit.CORE, new RlimitValue(0, 0));
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void whatIsWrittenIsRequiredAndDefaultsStayBestEffort() {
        ResourceLimits limits =
                SandboxSpec.fromJson(
                                """
                                {"limits":{"memory":"1g","cpus":0.5,"bestEffort":["cpus"]}}
                                """)
                        .limits();
        assertThat(limits.isRequired(LimitItem.MEMORY)).isTrue();
        assertThat(limits.bestEffort())
                .containsExactly(
                        LimitItem.SWAP, LimitItem.PIDS, LimitItem.CPUS, LimitItem.CPU_TIME);
    }

    @Test
    void aRequiredDefaultStaysRequired() {
        SandboxSpec spec = Sandbox.builder().required(LimitItem.MEMORY, LimitItem.PIDS).spec();
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void theDefaultHostNameIsForNewNamesOnly() {
        SandboxSpec spec = SandboxSpec.fromJson("{\"namespaces\":{\"uts\":\"host\"}}");
        assertThat(spec.hostName()).isEmpty();
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void writesAllItsParts() {
        assertThat(SandboxSpec.strict().toJson())
                .contains(
                        "\"net\" : \"new\"",
                        "\"minimal\" : true",
                        "\"size\" : \"64m\"",
                        "\"view\" : \"full\"",
                        "\"uid\" : 1000",
                        "\"hostName\" : \"sandbox\"",
                        "\"umask\" : \"0022\"",
                        "\"LANG\" : \"C.UTF-8\"",
                        "\"workDirectory\" : \"/tmp\"",
                        "\"memory\" : \"1g\"",
                        "\"swap\" : \"0\"",
                        "\"pids\" : 256",
                        "\"cpuTime\" : \"5m\"",
                        "\"bestEffort\" : [ \"memory\", \"swap\", \"pids\", \"cpuTime\" ]",
                        "\"wallTime\" : \"5m\"",
                        "\"output\" : \"16m\"",
                        "\"nofile\" : \"1024:4096\"",
                        "\"capabilities\" : [ ]",
                        "\"harden\" : [ ]",
                        "\"tcpBind\" : \"all\"");
    }

    @ParameterizedTest
    @MethodSource("specs")
    void nothingIsLostOnTheWay(SandboxSpec spec) {
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    static Stream<SandboxSpec> specs() {
        Random random = new Random(3);
        return Stream.generate(() -> spec(random)).limit(300);
    }

    private static SandboxSpec spec(Random random) {
        Sandbox.Builder builder = Sandbox.builder();
        for (int i = random.nextInt(6); i > 0; i--) {
            mount(builder, "/m" + i, random);
        }
        if (random.nextBoolean()) {
            builder.root(Path.of("/srv", "a b", "ü")).hideProc("/proc/stat");
        } else if (random.nextBoolean()) {
            (random.nextBoolean() ? builder.emptyRoot() : builder.emptyRootWithDevices()).umask(0);
        }
        if (random.nextBoolean()) {
            builder.user(random.nextInt(50), 3)
                    .mapUids(0, 1 + random.nextInt(1_000_000), 50)
                    .mapGids(0, 7, 4)
                    .mapGids(10, 20, 1)
                    .groups(10, 0);
        }
        if (random.nextBoolean()) {
            builder.hostUts().hostTime().hostIpc();
        } else {
            builder.hostName("h" + random.nextInt())
                    .clockOffset(
                            SandboxClock.MONOTONIC,
                            Duration.ofNanos(random.nextLong() >> random.nextInt(2, 60)));
        }
        builder.umask(random.nextInt(01000))
                .environment("E" + random.nextInt(), "a=\"\n\t\u001b€" + random.nextLong())
                .workDirectory("/" + random.nextInt());
        limits(builder, random);
        for (Capability capability : Capability.values()) {
            if (random.nextInt(10) == 0) {
                builder.keepCapabilities(capability);
            }
        }
        for (Hardening hardening : Hardening.values()) {
            if (random.nextBoolean()) {
                builder.harden(hardening);
            }
        }
        if (random.nextBoolean()) {
            builder.allowTcpBind(random.nextInt(65536), random.nextInt(65536));
        }
        if (random.nextBoolean()) {
            builder.denyTcpConnect();
        }
        return builder.spec();
    }

    private static void mount(Sandbox.Builder builder, String destination, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> builder.writable(Path.of("/srv/" + random.nextInt()), destination);
            case 1 -> builder.mount(Bind.readOnly(random.nextInt(1000), destination).noexec());
            case 2 -> builder.tmpfs(destination, Bytes.of(1 + (random.nextLong() >>> 8)));
            case 3 -> {
                byte[] content = new byte[random.nextInt(200)];
                random.nextBytes(content);
                builder.mount(new FileContent(destination, content, random.nextInt(01000)));
            }
            case 4 ->
                    builder.mount(
                            FileContent.text(destination, "\ufeff\0\r\n€😀" + random.nextInt()));
            default -> builder.symlink(destination, "../" + random.nextInt());
        }
    }

    private static void limits(Sandbox.Builder builder, Random random) {
        if (random.nextBoolean()) {
            builder.memoryLimit(Bytes.of(1 + (random.nextLong() >>> random.nextInt(1, 62))))
                    .swapLimit(Bytes.of(random.nextInt(3)))
                    .pidsLimit(1 + (random.nextLong() >>> 1) / 2)
                    .cpus(0.01 + random.nextDouble() * 9000);
        }
        if (random.nextBoolean()) {
            builder.memoryHigh(Bytes.of(1 + (random.nextLong() >>> 1) / 2))
                    .cpus(1 + random.nextInt(9))
                    .cpuBurst(Duration.ofNanos(1 + random.nextInt(100_000_000)))
                    .cpuWeight(1 + random.nextInt(10_000))
                    .cpuset(random.nextInt(4) + "-" + (4 + random.nextInt(90)) + ",99")
                    .memoryNodes("" + random.nextInt(8))
                    .ioWeight(1 + random.nextInt(10_000));
        }
        if (random.nextBoolean()) {
            builder.unlimitedMemory().unlimitedCpuTime();
            for (int i = random.nextInt(3); i > 0; i--) {
                builder.ioLimit(device("/dev/ü " + i, random))
                        .hugePagesLimit(Bytes.of(1L << (12 + i)), Bytes.of(random.nextInt(9)));
            }
        }
        if (random.nextBoolean()) {
            builder.unlimitedPids()
                    .unlimitedSwap()
                    .idleTimeLimit(Duration.ofNanos(1 + random.nextInt(9000)))
                    .extraTime(Duration.ofMillis(random.nextInt(9000)));
        }
        if (random.nextBoolean()) {
            builder.unlimitedOutput().unlimitedWallTime().rlimit(Rlimit.CORE, -1);
        } else {
            builder.cpuTimeLimit(Duration.ofNanos(1 + (random.nextLong() >>> 1)))
                    .rlimit(Rlimit.FSIZE, random.nextInt(1000), Long.MAX_VALUE);
        }
        for (LimitItem item : LimitItem.values()) {
            switch (random.nextInt(3)) {
                case 0 -> builder.bestEffort(item);
                case 1 -> builder.required(item);
                default -> {}
            }
        }
    }

    private static DeviceIo device(String path, Random random) {
        return new DeviceIo(
                Path.of(path),
                Optional.of(Bytes.of(1 + random.nextInt(5000))),
                random.nextBoolean() ? Optional.empty() : Optional.of(Bytes.of(7)),
                random.nextBoolean() ? Optional.empty() : Optional.of(8L),
                random.nextBoolean() ? Optional.empty() : Optional.of(Long.MAX_VALUE));
    }

    @Test
    void aPolicyWithoutNewNamespacesIsWrittenToo() {
        Sandbox.Builder builder = Sandbox.builder();
        builder.hostMount().hostPid().hostNet().hostIpc().hostUts().hostUser().hostCgroup();
        SandboxSpec spec = builder.hostTime().spec();
        assertThat(spec.newNamespaces()).isEmpty();
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThat(Namespace.values()).hasSize(8);
        assertThat(ResourceLimits.standard()).isEqualTo(spec.limits());
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void theTierGoesThereAndBack(Isolation isolation) {
        SandboxSpec spec = SandboxSpec.fromJson("{\"isolation\":\"" + isolation.label() + "\"}");
        assertThat(spec.isolation()).isEqualTo(isolation);
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThat(SandboxSpec.strict().isolation()).isEqualTo(Isolation.NAMESPACES);
    }

    @Test
    void terminalsAreAtTheirOnlyPlace() {
        SandboxSpec spec = Sandbox.builder().terminals().spec();
        assertThat(spec.toJson()).contains("\"terminals\"").contains("/dev/pts");
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson("{\"mounts\":[{\"terminals\":\"/pts\"}]}"))
                .withMessageContaining("terminals can only be at /dev/pts");
    }
}
