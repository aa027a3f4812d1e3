package io.cloister.sandbox.linux.landlock;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;

/// What the system-call filter must close where ports are closed: ways to a TCP connection that
/// Landlock does not see.
public final class PortFilter {

    // linux/socket.h, linux/net.h, linux/in.h
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_SMC = 43;
    private static final int SOCK_TYPE_MASK = 0xf;
    private static final int SOCK_STREAM = 1;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_TCP = 6;
    private static final int MSG_FASTOPEN = 0x20000000;

    private PortFilter() {}

    /// The rules, to be tried before those of the policy; none where every port is open.
    public static List<SyscallRule> rules(NetworkPolicy network) {
        List<SyscallRule> rules = new ArrayList<>();
        if (network.tcpBind().isEmpty() && network.tcpConnect().isEmpty()) {
            return rules;
        }
        String other =
                "another protocol, which talks TCP to a peer that has it not, past the ports";
        for (int family : new int[] {AF_INET, AF_INET6}) {
            // As from a kernel without MPTCP and SMC, for which programs have a way around.
            rules.add(
                    fail(
                            Errno.EPROTONOSUPPORT,
                            Syscall.SOCKET,
                            other,
                            ArgumentTest.intIs(0, family),
                            ArgumentTest.intBitsAre(1, SOCK_TYPE_MASK, SOCK_STREAM),
                            ArgumentTest.intIsNot(2, IPPROTO_IP),
                            ArgumentTest.intIsNot(2, IPPROTO_TCP)));
        }
        rules.add(fail(Errno.EAFNOSUPPORT, Syscall.SOCKET, other, ArgumentTest.intIs(0, AF_SMC)));
        rules.add(
                fail(
                        Errno.ENOSYS,
                        Syscall.IO_URING_SETUP,
                        "sends and makes sockets unseen by the filter"));
        if (network.tcpConnect().isPresent()) {
            // Connects without connect(2), which alone is looked at. EOPNOTSUPP, as where it is
            // switched off.
            String fast = "connects by sending, past the ports";
            rules.add(fast(Syscall.SENDTO, 3, fast));
            rules.add(fast(Syscall.SENDMSG, 2, fast));
            rules.add(fast(Syscall.SENDMMSG, 3, fast));
        }
        return rules;
    }

    private static SyscallRule fast(Syscall call, int flags, String reason) {
        return fail(Errno.EOPNOTSUPP, call, reason, ArgumentTest.intHasAny(flags, MSG_FASTOPEN));
    }

    private static SyscallRule fail(
            Errno errno, Syscall call, String reason, ArgumentTest... tests) {
        return SyscallRule.of(call, SyscallAction.fail(errno), reason, tests);
    }
}
