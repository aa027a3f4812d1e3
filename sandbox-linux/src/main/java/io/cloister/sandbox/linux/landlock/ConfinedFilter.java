package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.Errno.EACCES;
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

    // linux/fs.h, linux/fsverity.h, linux/fscrypt.h
    private static final int FS_IOC_SETFLAGS = 0x40086602;
    private static final int FS_IOC32_SETFLAGS = 0x40046602;
    private static final int FS_IOC_SETVERSION = 0x40087602;
    private static final int FS_IOC32_SETVERSION = 0x40047602;
    private static final int FS_IOC_FSSETXATTR = 0x401c5820;
    private static final int FS_IOC_ENABLE_VERITY = 0x40806685;
    private static final int FS_IOC_SET_ENCRYPTION_POLICY = 0x800c6613;

    /// What an owner may do to a file by its path, or by a descriptor that is open for reading
    /// alone. The filter cannot see for what a descriptor is open, and Landlock does not know these
    /// calls.
    private static final List<Syscall> OWNERS_CALLS =
            List.of(
                    CHMOD,
                    FCHMOD,
                    FCHOWN,
                    FSETXATTR,
                    FREMOVEXATTR,
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
    ///   what an owner may do to them is closed. Open stays what a rule allows that the caller has
    ///   put in front of a profile. What a profile opens itself, or a list of calls made for other
    ///   tiers, is not meant for the files of the host.
    public static SyscallPolicy close(SyscallPolicy policy, boolean ownUser) {
        List<SyscallRule> rules = new ArrayList<>();
        network(rules);
        ipc(rules);
        others(rules);
        String watches = "tells what happens to files that cannot be read";
        fail(rules, ENOSYS, watches, INOTIFY_INIT, INOTIFY_INIT1, INOTIFY_ADD_WATCH);
        fail(rules, EPERM, watches, FANOTIFY_INIT);
        fail(
                rules,
                ENOSYS,
                "keys of the user, which other programs of his have too",
                ADD_KEY,
                REQUEST_KEY,
                KEYCTL);
        if (ownUser) {
            owner(rules, policy);
        }
        return policy.first(rules);
    }

    private static void owner(List<SyscallRule> rules, SyscallPolicy policy) {
        String reason = "changes any file that the user owns";
        for (Syscall call : OWNERS_CALLS) {
            rules.addAll(opened(policy, call));
            fail(rules, EPERM, reason, call);
        }
        for (int request :
                new int[] {
                    FS_IOC_SETFLAGS,
                    FS_IOC32_SETFLAGS,
                    FS_IOC_SETVERSION,
                    FS_IOC32_SETVERSION,
                    FS_IOC_FSSETXATTR,
                    FS_IOC_ENABLE_VERITY,
                    FS_IOC_SET_ENCRYPTION_POLICY
                }) {
            rules.add(fail(EPERM, IOCTL, reason, intIs(1, request)));
        }
    }

    /// The caller's own rules of `call`, if they open it. Not where a handler is asked: what a
    /// policy refuses is refused whatever a handler says.
    private static List<SyscallRule> opened(SyscallPolicy policy, Syscall call) {
        List<SyscallRule> own =
                policy.profile().stream()
                        .flatMap(profile ->
                                policy.rules().stream()
                                        .limit(
                                                policy.rules().size()
                                                        - profile.policy().rules().size()))
                        .filter(rule -> rule.call() == call)
                        .toList();
        boolean opens = own.stream().anyMatch(rule -> rule.action().equals(SyscallAction.ALLOW));
        boolean asks = own.stream().anyMatch(rule -> rule.action().equals(SyscallAction.NOTIFY));
        return opens && !asks ? own : List.of();
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
        // A pair can take an abstract name of the host, which its owner then lacks; and a
        // connection that was handed in can be given another peer.
        fail(rules, EACCES, "takes names of the host, and leads a socket elsewhere", BIND, CONNECT);
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
