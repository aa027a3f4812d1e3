package io.cloister.sandbox.linux.landlock;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortFilterTest {

    private static final long FAST_OPEN = 0x20000000;

    private static SyscallPolicy closed(SyscallPolicy policy) {
        return policy.first(PortFilter.rules(NetworkPolicy.noTcp()));
    }

    @Test
    void openPortsNeedNoRule() {
        assertThat(PortFilter.rules(NetworkPolicy.allPorts())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 262, EPROTONOSUPPORT",
        "10, 1, 262, EPROTONOSUPPORT",
        "2, 0x80801, 262, EPROTONOSUPPORT",
        "2, 1, 256, EPROTONOSUPPORT",
        "2, 1, 132, EPROTONOSUPPORT",
        "43, 1, 0, EAFNOSUPPORT"
    })
    void whatTalksTcpUnderAnotherNameIsRefused(
            String family, String type, int protocol, Errno errno) {
        long[] arguments = {Long.decode(family), Long.decode(type), protocol};
        assertThat(closed(SyscallPolicy.standard()).decide(Syscall.SOCKET, arguments))
                .isEqualTo(SyscallAction.fail(errno));
        assertThat(closed(SyscallPolicy.unfiltered()).decide(Syscall.SOCKET, arguments))
                .isEqualTo(SyscallAction.fail(errno));
        arguments[0] |= 0xdeadL << 32;
        assertThat(closed(SyscallPolicy.standard()).decide(Syscall.SOCKET, arguments))
                .isEqualTo(SyscallAction.fail(errno));
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 0", "2, 1, 6", "10, 1, 6", "2, 2, 0", "2, 2, 17", "1, 1, 0"})
    void otherSocketsAreAsBefore(int family, int type, int protocol) {
        assertThat(closed(SyscallPolicy.standard()).decide(Syscall.SOCKET, family, type, protocol))
                .isEqualTo(SyscallAction.ALLOW);
    }

    @Test
    void connectingBySendingIsRefusedWhereConnectingIs() {
        SyscallPolicy closed = closed(SyscallPolicy.standard());
        SyscallAction refused = SyscallAction.fail(Errno.EOPNOTSUPP);
        assertThat(closed.decide(Syscall.SENDTO, 3, 0, 1, FAST_OPEN, 0, 16)).isEqualTo(refused);
        assertThat(closed.decide(Syscall.SENDMSG, 3, 0, FAST_OPEN | 0x4000)).isEqualTo(refused);
        assertThat(closed.decide(Syscall.SENDMMSG, 3, 0, 1, FAST_OPEN)).isEqualTo(refused);
        assertThat(closed.decide(Syscall.SENDTO, 3, 0, 1, 0x4000, 0, 0))
                .isEqualTo(SyscallAction.ALLOW);

        SyscallPolicy bindOnly =
                SyscallPolicy.standard().first(PortFilter.rules(NetworkPolicy.allPorts().bind(80)));
        assertThat(bindOnly.decide(Syscall.SENDTO, 3, 0, 1, FAST_OPEN, 0, 16))
                .isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ringsAreRefusedWhereTheyWereOpen(boolean tcpClosed) {
        SyscallPolicy policy = SyscallPolicy.unfiltered();
        assertThat((tcpClosed ? closed(policy) : policy).decide(Syscall.IO_URING_SETUP))
                .isEqualTo(tcpClosed ? SyscallAction.fail(Errno.ENOSYS) : SyscallAction.ALLOW);
    }
}
