package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;

/// Ports that the policy closes are closed, and no others; by every way to TCP that there is.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PortTest {

    private ServerSocket host;
    private String port;

    @BeforeEach
    void listenOnTheHost() throws IOException {
        host = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        port = String.valueOf(host.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private int number() {
        return host.getLocalPort();
    }

    @Test
    void onlyAllowedPortsCanBeConnectedTo() {
        Host.needsLandlock(4);
        int other = number() == 1 ? 2 : 1;
        assertThat(run(strict().hostNet().allowTcpConnect(number()), victim("connect4", port)))
                .exited(0);
        assertThat(run(strict().hostNet().allowTcpConnect(other), victim("connect4", port)))
                .failedWith(Errno.EACCES);
        assertThat(run(strict().hostNet().denyTcpConnect(), victim("connect4", port)))
                .failedWith(Errno.EACCES);
        assertThat(run(strict().hostNet().denyTcpBind(), victim("connect4", port))).exited(0);
    }

    @Test
    void onlyAllowedPortsCanBeBound() {
        Host.needsLandlock(4);
        assertThat(run(strict().allowTcpBind(8080), victim("bind4", "8080"))).exited(0);
        assertThat(run(strict().allowTcpBind(8080), victim("bind4", "8081")))
                .failedWith(Errno.EACCES);
        assertThat(run(strict().allowTcpBind(8080), victim("bind4", "0"))).failedWith(Errno.EACCES);
        assertThat(run(strict().allowTcpBind(0), victim("bind4", "0"))).exited(0);
        assertThat(run(strict().denyTcpBind(), victim("bind4", "8080"))).failedWith(Errno.EACCES);
        assertThat(run(strict().denyTcpConnect(), victim("bind4", "8080"))).exited(0);
        assertThat(run(strict(), victim("bind4", "8081"))).exited(0);
    }

    @Test
    void noOtherProtocolReachesAClosedPort() {
        Host.needsLandlock(4);
        for (SyscallPolicy policy :
                new SyscallPolicy[] {SyscallPolicy.standard(), SyscallPolicy.unfiltered()}) {
            var closed = strict().hostNet().denyTcpConnect().syscalls(policy);
            assertThat(run(closed, victim("fastopen", port))).failedWith(Errno.EOPNOTSUPP);
            assertThat(run(closed, Victims.call("socket", 2, 1, 262)))
                    .failedWith(Errno.EPROTONOSUPPORT);
            assertThat(run(closed, Victims.call("socket", 10, 1, 256)))
                    .failedWith(Errno.EPROTONOSUPPORT);
            assertThat(run(closed, Victims.call("socket", 43, 1, 0)))
                    .failedWith(Errno.EAFNOSUPPORT);
            assertThat(run(closed, Victims.call("socket", 2, 1, 6))).exited(0);
        }
        // Without the policy it is a way to connect, as far as the kernel has it switched on.
        assertThat(run(strict().hostNet(), victim("fastopen", port)))
                .exited(Victims.onHost("fastopen", port));
    }

    /// What is left open, and told to be.
    @Test
    void udpAndListeningWithoutBindingAreNotConcerned() {
        Host.needsLandlock(4);
        var closed = strict().denyTcpConnect().denyTcpBind();
        assertThat(run(closed, victim("udp", "9"))).exited(0);
        assertThat(run(closed, victim("listen4"))).exited(0);
    }

    @Test
    void whatIsClosedIsTold() {
        Host.needsLandlock(4);
        assertThat(
                        run(strict().allowTcpBind(2, 1).denyTcpConnect(), victim("exit", "0"))
                                .enforced())
                .contains(
                        new Enforcement("tcpBind", "1, 2", "landlock"),
                        new Enforcement("tcpConnect", "none", "landlock"));
    }

    @Test
    void whereTheKernelCannotCloseThemTheSandboxIsRefused() {
        if (Host.landlock() >= 4) {
            assertThat(run(strict().denyTcpBind(), victim("exit", "0"))).exited(0);
        } else {
            assertThatThrownBy(() -> strict().denyTcpBind().build())
                    .isInstanceOf(SandboxUnavailableException.class)
                    .hasMessageContaining("Landlock");
        }
    }
}
