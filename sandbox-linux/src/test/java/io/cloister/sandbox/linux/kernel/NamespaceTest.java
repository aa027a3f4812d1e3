package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;
import static io.cloister.sandbox.linux.kernel.Victims.with;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// What is new is apart from the host, and what is shared is the host's.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NamespaceTest {

    private static final Map<String, UnaryOperator<Sandbox.Builder>> SHARED =
            Map.of(
                    "pid", Sandbox.Builder::hostPid,
                    "net", Sandbox.Builder::hostNet,
                    "ipc", Sandbox.Builder::hostIpc,
                    "uts", Sandbox.Builder::hostUts,
                    "cgroup", Sandbox.Builder::hostCgroup,
                    "time", Sandbox.Builder::hostTime);

    private static String inside(Sandbox.Builder builder, String namespace) {
        return printed(builder, "readlink /proc/self/ns/" + namespace).strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mnt", "pid", "net", "ipc", "uts", "user", "cgroup", "time"})
    void isNewByDefault(String namespace) {
        assertThat(inside(strict(), namespace))
                .startsWith(namespace + ":")
                .isNotEqualTo(Host.link("/proc/self/ns/" + namespace));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pid", "net", "ipc", "uts", "cgroup", "time"})
    void isTheHostsIfThePolicySaysSo(String namespace) {
        assertThat(inside(SHARED.get(namespace).apply(strict()), namespace))
                .isEqualTo(Host.link("/proc/self/ns/" + namespace));
    }

    @Test
    void theFileTreeIsTheHostsIfThePolicySaysSo() {
        Sandbox.Builder builder = Sandbox.builder().hostMount();
        assertThat(inside(builder, "mnt")).isEqualTo(Host.link("/proc/self/ns/mnt"));
        assertThat(run(builder, Victims.path().toString(), "exit", "3")).exited(3);
    }

    @Test
    void usersAreTheHostsIfThePolicySaysSo() {
        Host.needsRoot();
        Sandbox.Builder builder = strict().hostUser();
        assertThat(inside(builder, "user")).isEqualTo(Host.link("/proc/self/ns/user"));
        String status = printed(builder, "cat /proc/self/status");
        assertThat(status).doesNotContainPattern("Uid:\\t0\\t").doesNotContain("Uid:\t0");
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(status).contains(set + ":\t0000000000000000\n");
        }
    }

    @Test
    void everythingCanBeShared() {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .hostUser()
                        .hostMount()
                        .hostPid()
                        .hostNet()
                        .hostIpc()
                        .hostUts()
                        .hostCgroup()
                        .hostTime();
        String text = printed(builder, "readlink /proc/self/ns/user; cat /proc/self/status");
        assertThat(text)
                .startsWith(Host.link("/proc/self/ns/user"))
                .contains("NoNewPrivs:\t1\n")
                .contains("Seccomp:\t2\n")
                .contains("CapEff:\t0000000000000000\n")
                .doesNotContain("Uid:\t0\t");
    }

    @Test
    void noNestedUserNamespaceIsPossibleEvenWithoutTheFilter() {
        assertThat(printed(strict(), "cat /proc/sys/user/max_user_namespaces")).isEqualTo("0\n");
    }

    @Test
    void theNamesAreItsOwn() {
        String before = Host.read("/proc/sys/kernel/hostname");
        Sandbox.Builder builder = strict().hostName("box").domainName("example.org");
        assertThat(
                        printed(
                                builder,
                                "cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname"
                                        + " /etc/hostname"))
                .isEqualTo("box\nexample.org\nbox\n");
        assertThat(printed(strict(), "uname -n")).isEqualTo("sandbox\n");
        assertThat(printed(with(Sandbox.builder().hostUts()), "uname -n")).isEqualTo(before);
        assertThat(Host.read("/proc/sys/kernel/hostname")).isEqualTo(before);
    }

    @Test
    void cannotChangeItsName() {
        assertThat(run(strict(), Victims.call("sethostname", "s:x", 1))).failedWith(Errno.EPERM);
        // The kernel says so too, without the filter.
        Sandbox.Builder unfiltered = strict().syscalls(SyscallPolicy.unfiltered());
        assertThat(run(unfiltered, Victims.call("sethostname", "s:x", 1))).failedWith(Errno.EPERM);
        assertThat(run(strict(), Victims.call("uname", "z:1000"))).exited(0);
    }

    @Test
    void theLoopbackDeviceWorksAndIsTheOnlyOne() {
        assertThat(run(strict(), victim("loopback"))).exited(0);
        // Some kernels give each namespace the ends of tunnels too; they are down.
        assertThat(printed(strict(), "tail -n +3 /proc/net/dev | cut -d: -f1").split("\\s+"))
                .filteredOn(name -> !name.isEmpty())
                .contains("lo")
                .isSubsetOf(
                        "lo",
                        "sit0",
                        "tunl0",
                        "gre0",
                        "gretap0",
                        "erspan0",
                        "ip_vti0",
                        "ip6_vti0",
                        "ip6tnl0",
                        "ip6gre0");
        assertThat(printed(strict(), "cat /proc/net/route | tail -n +2")).isEmpty();
    }

    @Test
    void servicesOnTheHostsLoopbackDeviceAreOutOfReach() throws IOException {
        try (ServerSocket host = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
            String port = String.valueOf(host.getLocalPort());
            assertThat(run(strict(), victim("connect4", port))).exited(111);
            assertThat(run(strict().hostNet(), victim("connect4", port))).exited(0);
        }
    }

    @Test
    void otherNetworksAreUnreachable() {
        String script = "exec 3<>/dev/tcp/192.0.2.1/9";
        Assumptions.assumeTrue(
                Files.exists(Path.of("/bin/bash")),
                "no bash here: install the Debian package bash");
        String said = run(strict(), "/bin/bash", "-c", script).stderrText();
        assertThat(said).contains("Network is unreachable");
    }

    @Test
    void abstractSocketsOfTheHostAreOutOfReach() throws IOException {
        String name = "@" + Host.token();
        Process host = new ProcessBuilder(Victims.path().toString(), "listenun", name).start();
        try {
            assertThat(host.inputReader().readLine()).isEqualTo("listening");
            assertThat(run(strict(), victim("connectun", name))).exited(111);
            // With Landlock they are out of reach in the host's network too.
            assertThat(run(strict().hostNet(), victim("connectun", name)))
                    .exited(Host.landlock() >= 6 ? Errno.EPERM.number() : 0);
            assertThat(Victims.onHost("connectun", name)).isZero();
        } finally {
            host.destroyForcibly().onExit().join();
        }
    }

    @Test
    void sharedMemoryOfTheHostIsInvisible() {
        String key = String.valueOf(1_000_000 + (int) (Math.random() * 1_000_000));
        assertThat(Victims.onHost("shm", key, "create")).isZero();
        try {
            assertThat(run(strict(), victim("shm", key))).failedWith(Errno.ENOENT);
            assertThat(run(strict().hostIpc(), victim("shm", key))).exited(0);
            assertThat(run(strict(), victim("shm", key, "d"))).exited(0);
        } finally {
            assertThat(Victims.onHost("shmrm", key)).isZero();
        }
    }

    @Test
    void messageQueuesOfTheHostAreInvisible() {
        String name = "/" + Host.token();
        assertThat(Victims.onHost("mq", name, "create")).isZero();
        try {
            assertThat(run(strict(), victim("mq", name))).failedWith(Errno.ENOENT);
            assertThat(run(strict().hostIpc(), victim("mq", name))).exited(0);
            assertThat(run(strict(), victim("mq", name, "create"))).exited(0);
        } finally {
            assertThat(Victims.onHost("mqrm", name)).isZero();
        }
    }

    @Test
    void clocksHaveTheOffsetsOfThePolicy() {
        long uptime = (long) Double.parseDouble(Host.read("/proc/uptime").split(" ")[0]);
        Sandbox.Builder builder =
                strict().clockOffset(SandboxClock.BOOTTIME, Duration.ofDays(100))
                        .clockOffset(SandboxClock.MONOTONIC, Duration.ofDays(50));
        long boottime = Long.parseLong(printed(builder, "/victim clock 7").strip());
        long monotonic = Long.parseLong(printed(builder, "/victim clock 1").strip());
        assertThat(boottime - uptime).isBetween(8_640_000L - 1, 8_640_000L + 86_400);
        assertThat(monotonic - uptime).isBetween(4_320_000L - 86_400, 4_320_000L + 86_400);
    }

    @Test
    void clocksAreTheHostsByDefault() {
        long uptime = (long) Double.parseDouble(Host.read("/proc/uptime").split(" ")[0]);
        long boottime = Long.parseLong(printed(strict(), "/victim clock 7").strip());
        assertThat(boottime - uptime).isBetween(-1L, 86_400L);
    }

    @Test
    void controlGroupsOfTheHostHaveNoNames() {
        assertThat(printed(strict(), "cut -d: -f3- /proc/self/cgroup").lines())
                .allMatch(path -> path.equals("/"));
        Sandbox.Builder unlimited =
                strict().unlimitedMemory().unlimitedSwap().unlimitedPids().unlimitedCpuTime();
        assertThat(printed(unlimited.hostCgroup(), "cat /proc/self/cgroup"))
                .isEqualTo(Host.read("/proc/self/cgroup"));
    }

    @Test
    void processesOfTheHostAreVisibleIfThePolicySaysSo() {
        long self = ProcessHandle.current().pid();
        assertThat(Runs.shell(strict().hostPid(), "test -d /proc/" + self)).exited(0);
        assertThat(Runs.shell(strict(), "test -d /proc/" + self)).exited(1);
    }
}
