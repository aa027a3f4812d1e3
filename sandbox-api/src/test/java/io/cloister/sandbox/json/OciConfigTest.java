package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.TerminalSettings;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

class OciConfigTest {
    private static final Path BUNDLE = Path.of("/srv/bundle");

    private static OciConfig read(String fields) {
        String start =
                "{'ociVersion':'1.2.0','root':{'path':'rootfs'},"
                        + "'process':{'args':['sh','-c','x'],'cwd':'/'}";
        return OciConfig.fromJson((start + fields + "}").replace('\'', '"'), BUNDLE);
    }

    @Test
    void pathsStartFromTheBundle(@TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("config.json"),
                """
                {"ociVersion": "1.0.2", "root": {"path": "rootfs", "readonly": true},
                 "process": {"args": ["a", "b"], "cwd": "/x"},
                 "mounts": [{"destination": "/in", "source": "data", "options": ["bind", "ro"]}]}
                """);
        OciConfig config = OciConfig.read(directory);
        assertThat(config.spec().filesystem().root())
                .isEqualTo(new RootFilesystem.Directory(directory.resolve("rootfs"), false));
        assertThat(config.spec().filesystem().mounts())
                .containsExactly(Bind.readOnly(directory.resolve("data"), "/in"));
        assertThat(config.command().program()).isEqualTo("a");
        assertThat(config.command().arguments()).containsExactly("b");
        assertThat(config.builder().spec()).isEqualTo(config.spec());
        assertThat(OciConfig.read(directory.resolve("config.json")).spec())
                .isEqualTo(config.spec());
    }

    @Test
    void whatIsRefusedIsNamedByItsPlace(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("config.json");
        Files.writeString(
                file,
                "{\"ociVersion\": \"1.2.0\",\n\"hooks\": {\"prestart\": [{\"path\": \"/x\"}]}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OciConfig.read(directory))
                .withMessage(
                        file
                                + ":2:10: hooks: programs of the host are not run; run them before"
                                + " and after the sandbox");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                ",'linux':{'maskedPaths':['/etc']}|linux.maskedPaths[0]: only paths of /proc and"
                        + " /sys can be made masked, was '/etc'",
                ",'mounts':[{'destination':'/x','type':'overlay'}]|mounts[0].type: expected bind,",
                ",'mounts':[{'destination':'/x','type':'bind','source':'/y','options':['shared']}]"
                        + "|mounts[0].options: shared: mounts are private",
                ",'linux':{'uidMappings':[{'containerID':0,'hostID':0,'size':1}]}"
                        + "|linux.uidMappings[0]: outside must be 1 to",
                ",'linux':{'resources':{'memory':{'swap':5}}}|linux.resources.memory.swap: needs"
                        + " memory.limit",
                ",'linux':{'namespaces':[{'type':'net'}]}|linux.namespaces[0].type: expected one"
                        + " of",
                ",'linux':{'seccomp':{}}|linux.seccomp: field 'defaultAction' must be given",
                ",'mounts':[{'destination':'/p','type':'proc'}]|mounts[0].destination: proc can"
                        + " only be at /proc"
            })
    void whatCannotBeLeftOutIsRefused(String fields, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(fields))
                .withMessageContaining(": " + message.replace('\'', '"'));
    }

    @Test
    void namespacesThatAreNotNamedAreTheHostsOrNew() {
        OciConfig config = read(",'linux':{'namespaces':[{'type':'mount'},{'type':'user'}]}");
        assertThat(config.spec().newNamespaces())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder("MOUNT", "USER", "CGROUP", "TIME");
        assertThat(config.notHonoured())
                .contains("linux.namespaces: new all the same, though not named: cgroup, time");
    }

    @Test
    void whatBothCanSayGoesThereAndBack() {
        SandboxSpec spec =
                Sandbox.builder()
                        .writableRoot(Path.of("/srv/image"))
                        .mount(Bind.readOnly(Path.of("/srv/in"), "/in").noexec().nosymfollow())
                        .mount(Bind.writable(Path.of("/srv/out"), "/out").allowDevices())
                        .tmpfs("/work", Bytes.mebibytes(5))
                        .terminals()
                        .hideProc("/proc/meminfo")
                        .user(3, 4)
                        .mapUids(0, 1000, 50)
                        .mapGids(0, 2000, 50)
                        .groups(9)
                        .hostName("box")
                        .domainName("lan")
                        .hostNet()
                        .umask(027)
                        .environment("A", "b=c")
                        .workDirectory("/work")
                        .keepCapabilities(Capability.CHOWN, Capability.NET_RAW)
                        .memoryLimit(Bytes.mebibytes(64))
                        .swapLimit(Bytes.mebibytes(1))
                        .pidsLimit(9)
                        .cpus(0.5)
                        .cpuBurst(Duration.ofMillis(5))
                        .cpuset("0-1")
                        .memoryNodes("0")
                        .hugePagesLimit(Bytes.mebibytes(2), Bytes.mebibytes(4))
                        .rlimit(Rlimit.CORE, 5, -1)
                        .spec();
        OciConfig written =
                OciConfig.of(spec, Command.of("sh", "-c", "x").terminal(TerminalSize.of(90, 30)));
        OciConfig read = OciConfig.fromJson(written.toJson(), BUNDLE);
        assertThat(SandboxSpec.diff(spec, read.spec()).changes()).isEmpty();
        assertThat(read.notHonoured())
                .singleElement()
                .asString()
                .startsWith("root.path: covered by file systems of the sandbox's own");
        assertThat(read.command().arguments()).containsExactly("-c", "x");
        assertThat(read.command().terminal()).isEqualTo(written.command().terminal());
        assertThat(written.notHonoured())
                .noneMatch(line -> line.startsWith("root") || line.startsWith("mounts"));
    }

    @Test
    void systemCallsGoThereAndBackWhereLibseccompCanTellThem() {
        SandboxSpec spec =
                Sandbox.builder()
                        .root(Path.of("/srv/image"))
                        .syscalls(
                                SyscallPolicy.of(SyscallAction.fail(Errno.EPERM))
                                        .allow(Syscall.READ, Syscall.EXIT_GROUP))
                        .spec();
        OciConfig written = OciConfig.of(spec, Command.of("x"));
        assertThat(written.notHonoured()).noneMatch(line -> line.startsWith("syscalls"));
        SyscallPolicy read = OciConfig.fromJson(written.toJson(), BUNDLE).spec().syscalls();
        assertThat(read.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(read.decide(Syscall.WRITE)).hasToString("EPERM");
    }

    @Test
    void whatAConfigurationCannotSayIsListed() {
        SandboxSpec spec =
                Sandbox.builder()
                        .symlink("/a", "b")
                        .denyTcpConnect()
                        .ioLimit(
                                new DeviceIo(
                                        Path.of("/dev/sda"),
                                        Optional.of(Bytes.of(5)),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()))
                        .spec();
        assertThat(OciConfig.of(spec, Command.of("x")).notHonoured())
                .anyMatch(line -> line.startsWith("syscalls: no linux.seccomp is written: "))
                .anyMatch(line -> line.startsWith("root: "))
                .anyMatch(line -> line.startsWith("mounts[/a]: "))
                .anyMatch(line -> line.startsWith("network: "))
                .anyMatch(line -> line.startsWith("limits.io[/dev/sda]: "))
                .anyMatch(line -> line.startsWith("limits.wallTime: "))
                .noneMatch(line -> line.startsWith("limits.idleTime"));
    }

    @Test
    void whatABindRefusesIsWrittenForTheMountsBelowTheSourceToo() {
        SandboxSpec spec =
                Sandbox.builder()
                        .root(Path.of("/srv/image"))
                        .mount(Bind.readOnly(Path.of("/a")).noexec().nosymfollow())
                        .mount(Bind.writable(Path.of("/b")).allowDevices())
                        .spec();
        OciConfig written = OciConfig.of(spec, Command.of("x"));
        JsonNode mounts = JsonText.MAPPER.readTree(written.toJson()).get("mounts");
        assertThat(mounts.get(1).get("options").toString())
                .isEqualTo(
                        "[\"rbind\",\"nosuid\",\"rnosuid\",\"ro\",\"rro\",\"nodev\",\"rnodev\","
                                + "\"noexec\",\"rnoexec\",\"nosymfollow\",\"rnosymfollow\"]");
        assertThat(mounts.get(2).get("options").toString())
                .isEqualTo("[\"rbind\",\"nosuid\",\"rnosuid\",\"rw\",\"dev\",\"exec\"]");
        assertThat(written.notHonoured())
                .contains("root.writable: what is mounted below it stays writable");
        assertThat(OciConfig.fromJson(written.toJson(), BUNDLE).spec().filesystem().mounts())
                .isEqualTo(spec.filesystem().mounts());
    }

    @Test
    void whatIsSaidOfTheCommandHasItsStreamsAndItsTerminal() {
        SandboxSpec spec = Sandbox.builder().root(Path.of("/srv/image")).spec();
        Command command =
                Command.of("x")
                        .stdin(Input.empty())
                        .stdout(Output.discard())
                        .mergeStderr()
                        .terminal(TerminalSettings.of(TerminalSize.standard()).asRaw());
        assertThat(OciConfig.of(spec, command).notHonoured())
                .contains(
                        "command.stdin: it is what the runtime has there",
                        "command.stdout: it is what the runtime has there",
                        "command.stderr: it is what the runtime has there",
                        "command.terminal.raw: the runtime chooses the mode");
        Command plain =
                Command.of("x")
                        .stdin(Input.inherit())
                        .stdout(Output.inherit())
                        .terminal(TerminalSize.standard());
        assertThat(OciConfig.of(spec, plain).notHonoured())
                .noneMatch(line -> line.startsWith("command"));
    }
}
