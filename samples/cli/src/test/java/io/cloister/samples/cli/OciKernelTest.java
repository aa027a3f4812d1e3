package io.cloister.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.oci.OciConfig;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/// A bundle whose root shows the host's `/usr`, run by the library and by the command line.
@Tag("kernel")
class OciKernelTest {
    private static final String CONFIG =
            """
            {"ociVersion": "1.2.0", "root": {"path": "rootfs", "readonly": true},
             "hostname": "box",
             "process": {"args": ["sh", "-c", "%s"], "cwd": "/work", "noNewPrivileges": true,
               "env": ["PATH=/usr/bin", "A=b c"], "user": {"uid": 12, "gid": 13, "umask": 63},
               "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 88}]},
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
               {"destination": "/in", "source": "data", "options": ["rbind", "ro"]},
               {"destination": "/work", "type": "tmpfs", "options": ["size=1m", "mode=1777"]}],
             "linux": {
               "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"},
                 {"type": "uts"}, {"type": "mount"}, {"type": "user"}, {"type": "cgroup"},
                 {"type": "time"}],
               "maskedPaths": ["/proc/meminfo"],
               "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
                 [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}}}
            """;

    @TempDir Path bundle;

    @BeforeEach
    void tree() throws IOException {
        // The user of the sandbox is none of the host's.
        Files.setPosixFilePermissions(bundle, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path root = Files.createDirectory(bundle.resolve("rootfs"));
        for (String name : new String[] {"dev", "proc", "tmp", "usr", "in", "work"}) {
            Files.createDirectory(root.resolve(name));
        }
        for (String name : new String[] {"bin", "lib", "lib64"}) {
            if (Files.exists(Path.of("/usr", name))) {
                Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
            }
        }
        Files.writeString(
                Files.createDirectory(bundle.resolve("data")).resolve("a"), "from the bundle\n");
    }

    private void config(String script) throws IOException {
        Files.writeString(bundle.resolve("config.json"), CONFIG.formatted(script));
    }

    private SandboxResult run(String script) throws Exception {
        config(script);
        OciConfig config = OciConfig.read(bundle);
        assertThat(config.notHonoured())
                .containsExactly(
                        "root.path: covered by file systems of the sandbox's own, empty at its"
                                + " start and gone with it: /tmp, /dev, /dev/shm");
        try (Sandbox sandbox = config.builder().build()) {
            return sandbox.run(config.command());
        }
    }

    @Test
    void theCommandMeetsWhatTheConfigurationSays() throws Exception {
        SandboxResult result =
                run(
                        "cat /in/a; id -u; id -g; pwd; umask; echo $A; uname -n; ulimit -n;"
                                + " echo x > f; cat f; wc -c < /proc/meminfo");
        assertThat(result.stdoutText().lines())
                .as(result.stderrText())
                .containsExactly(
                        "from the bundle",
                        "12",
                        "13",
                        "/work",
                        "0077",
                        "b c",
                        "box",
                        "77",
                        "x",
                        "0");
        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
    }

    @Test
    void whatItClosesIsClosed() throws Exception {
        SandboxResult result =
                run("mkdir d; echo y > /in/a; echo y > /x; ls /etc /home; cat /in/a");
        assertThat(result.stderrText())
                .contains("No space left on device", "/in/a: Read-only", "/x: Read-only")
                .contains("/home");
        assertThat(result.stdoutText()).isEqualTo("from the bundle\n");
    }

    @Test
    void theCommandLineRunsTheBundle() throws Exception {
        config("echo $A");
        Path out = bundle.resolve("out");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--class-path",
                                System.getProperty("java.class.path"),
                                "io.cloister.samples.cli.Main",
                                "run",
                                "--oci",
                                bundle.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(out))
                .hasSize(2)
                .contains("b c")
                .anyMatch(line -> line.contains("--oci: root.path: covered by "));
        assertThat(process.exitValue()).isZero();
    }
}
