package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.Errno.EAFNOSUPPORT;
import static io.cloister.sandbox.Errno.ENOSYS;
import static io.cloister.sandbox.Errno.EPERM;
import static io.cloister.sandbox.Errno.EPROTONOSUPPORT;
import static io.cloister.sandbox.syscall.ArgumentTest.intHasAny;
import static io.cloister.sandbox.syscall.ArgumentTest.intIs;
import static io.cloister.sandbox.syscall.ArgumentTest.intIsNot;
import static io.cloister.sandbox.syscall.ArgumentTest.longHasAny;
import static io.cloister.sandbox.syscall.Syscall.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;

/// What the system-call filter must close in the *confined* tier, in place of namespaces: what
/// reaches the host past its files, and what Landlock does not know.
public final class ConfinedFilter {

    // linux/socket.h, linux/net.h
    private static final int AF_UNIX = 1;
    private static final int SOCK_TYPE_MASK = 0xf;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_SEQPACKET = 5;

    // linux/resource.h, linux/ioprio.h
    private static final int PRIO_USER = 2;
    private static final int IOPRIO_WHO_USER = 3;

    private static final List<Syscall> OWNERS_CALLS =
            List.of(
                    CHMOD,
                    FCHMODAT,
                    FCHMODAT2,
                    CHOWN,
                    LCHOWN,
                    FCHOWNAT,
                    SETXATTR,
                    LSETXATTR,
                    SETXATTRAT,
                    REMOVEXATTR,
                    LREMOVEXATTR,
                    REMOVEXATTRAT,
                    FILE_SETATTR);

    private ConfinedFilter() {}

    /// `policy` with these rules in front.
    ///
    /// @param ownUser whether the command is the JVM's own user, who owns files on the host: then
    ///   what an owner may do to them by path is closed, since Landlock does not know these calls.
    ///   A call that a rule of the policy allows by name stays open.
    public static SyscallPolicy close(SyscallPolicy policy, boolean ownUser) {
        List<SyscallRule> rules = new ArrayList<>();
        network(rules);
        ipc(rules);
        others(rules);
        fail(rules, ENOSYS, "tells what happens to files that cannot be read", INOTIFY_ADD_WATCH);
        fail(rules, EPERM, "tells what happens to files that cannot be read", FANOTIFY_INIT);
        fail(
                rules,
                ENOSYS,
                "keys of the user, which other programs of his have too",
                ADD_KEY,
                REQUEST_KEY,
                KEYCTL);
        if (ownUser) {
            OWNERS_CALLS.stream()
                    .filter(call -> !isAllowed(policy, call))
                    .forEach(call ->
                            fail(rules, EPERM, "changes any file that the user owns", call));
        }
        return policy.first(rules);
    }

    private static boolean isAllowed(SyscallPolicy policy, Syscall call) {
        return policy.rules().stream()
                .filter(rule -> rule.call() == call)
                .anyMatch(rule -> rule.action().equals(SyscallAction.ALLOW));
    }

    private static void network(List<SyscallRule> rules) {
        fail(
                rules,
                EAFNOSUPPORT,
                "the network, and services of the host, are out of reach",
                SOCKET);
        rules.add(fail(EAFNOSUPPORT, SOCKETPAIR, "only AF_UNIX has pairs", intIsNot(0, AF_UNIX)));
        // A pair of datagram sockets is connected, and can send to any other all the same.
        rules.add(
                fail(
                        EPROTONOSUPPORT,
                        SOCKETPAIR,
                        "sends to services of the host",
                        typeIsNot(SOCK_STREAM),
                        typeIsNot(SOCK_SEQPACKET)));
        fail(
                rules,
                ENOSYS,
                "makes sockets unseen by the filter",
                IO_URING_SETUP,
                IO_URING_ENTER,
                IO_URING_REGISTER);
    }

    private static ArgumentTest typeIsNot(int type) {
        return new ArgumentTest(1, SOCK_TYPE_MASK, Relation.NOT_EQUAL, type);
    }

    private static void ipc(List<SyscallRule> rules) {
        fail(
                rules,
                ENOSYS,
                "IPC objects are the host's",
                SHMGET,
                SHMAT,
                SHMCTL,
                SHMDT,
                SEMGET,
                SEMOP,
                SEMTIMEDOP,
                SEMCTL,
                MSGGET,
                MSGSND,
                MSGRCV,
                MSGCTL,
                MQ_OPEN,
                MQ_UNLINK);
    }

    /// Signals and traces end at the domain; limits and scheduling of others of the same user do
    /// not.
    private static void others(List<SyscallRule> rules) {
        String reason = "changes limits or scheduling of another process";
        rules.add(fail(EPERM, PRLIMIT64, reason, intHasAny(0, -1), longHasAny(2, -1L)));
        for (Syscall call :
                List.of(SCHED_SETSCHEDULER, SCHED_SETPARAM, SCHED_SETATTR, SCHED_SETAFFINITY)) {
            rules.add(fail(EPERM, call, reason, intHasAny(0, -1)));
        }
        rules.add(fail(EPERM, SETPRIORITY, reason, intHasAny(1, -1)));
        rules.add(fail(EPERM, SETPRIORITY, reason, intIs(0, PRIO_USER)));
        rules.add(fail(EPERM, IOPRIO_SET, reason, intHasAny(1, -1)));
        rules.add(fail(EPERM, IOPRIO_SET, reason, intIs(0, IOPRIO_WHO_USER)));
        fail(rules, ENOSYS, "moves the memory of another process", MIGRATE_PAGES, MOVE_PAGES);
    }

    private static void fail(
            List<SyscallRule> rules, Errno errno, String reason, Syscall... calls) {
        for (Syscall call : calls) {
            rules.add(fail(errno, call, reason));
        }
    }

    private static SyscallRule fail(
            Errno errno, Syscall call, String reason, ArgumentTest... tests) {
        return SyscallRule.of(call, SyscallAction.fail(errno), reason, tests);
    }
}
