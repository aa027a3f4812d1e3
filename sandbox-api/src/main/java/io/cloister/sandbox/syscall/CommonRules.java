package io.cloister.sandbox.syscall;

import static io.cloister.sandbox.Errno.EAFNOSUPPORT;
import static io.cloister.sandbox.Errno.ENOSYS;
import static io.cloister.sandbox.Errno.EPERM;
import static io.cloister.sandbox.Errno.EPROTONOSUPPORT;
import static io.cloister.sandbox.syscall.ArgumentTest.intBitsAre;
import static io.cloister.sandbox.syscall.ArgumentTest.intHasAny;
import static io.cloister.sandbox.syscall.ArgumentTest.intIs;
import static io.cloister.sandbox.syscall.ArgumentTest.longHasAny;
import static io.cloister.sandbox.syscall.Syscall.*;

import io.cloister.sandbox.Errno;

import java.util.ArrayList;
import java.util.List;

/// What no profile lets pass: calls and arguments that reach past the sandbox, or that are new
/// ground in the kernel and old ground for exploits. Ordinary programs and language runtimes do not
/// notice it.
///
/// What the program sees:
///
/// - `ENOSYS` where programs have a way around a kernel that lacks the call, so they take it.
/// - `EPERM` where the kernel itself answers so to a program without privileges.
///
/// The namespaces, dropped capabilities and the mount tree hold most of this shut as well. The
/// filter is the second lock: it holds when one of them has a bug.
///
/// The rules of sockets and personalities say for every argument what happens. Those of the other
/// calls leave open what they do not name.
final class CommonRules {

    // linux/sched.h
    static final int CLONE_NEW_NAMESPACES =
            0x00020000 // CLONE_NEWNS
                    | 0x02000000 // CLONE_NEWCGROUP
                    | 0x04000000 // CLONE_NEWUTS
                    | 0x08000000 // CLONE_NEWIPC
                    | 0x10000000 // CLONE_NEWUSER
                    | 0x20000000 // CLONE_NEWPID
                    | 0x40000000; // CLONE_NEWNET
    static final long UNSHARE_HARMLESS =
            0x00000100 // CLONE_VM
                    | 0x00000200 // CLONE_FS
                    | 0x00000400 // CLONE_FILES
                    | 0x00000800 // CLONE_SIGHAND
                    | 0x00010000 // CLONE_THREAD
                    | 0x00040000; // CLONE_SYSVSEM

    // asm-generic/ioctls.h
    private static final int TIOCSTI = 0x5412;
    private static final int TIOCLINUX = 0x541c;
    private static final int TIOCSETD = 0x5423;

    // linux/stat.h: S_ISUID, S_ISGID; asm-generic/fcntl.h: O_CREAT, __O_TMPFILE
    private static final int SET_ID_BITS = 06000;
    private static final int CREATES = 0x40 | 0x400000;

    // linux/resource.h, linux/ioprio.h
    private static final int PRIO_USER = 2;
    private static final int IOPRIO_WHO_USER = 3;

    // linux/fcntl.h
    private static final int F_SETLEASE = 1024;
    private static final int F_NOTIFY = 1026;
    private static final int F_SETDELEG = 1040; // since Linux 6.19

    // linux/personality.h
    private static final int PERSONALITY_QUERY = 0xffffffff;
    private static final int PERSONALITY_HARMLESS =
            0x0008 // PER_LINUX32
                    | 0x0020000 // UNAME26
                    | 0x0040000; // ADDR_NO_RANDOMIZE

    // linux/socket.h, linux/net.h, linux/netlink.h
    static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_TYPE_MASK = 0xf;
    private static final int SOCK_PACKET = 10;
    private static final int NETLINK_ROUTE = 0;

    private CommonRules() {}

    /// {@return what is closed, and why}
    static List<SyscallRule> rules() {
        List<SyscallRule> rules = new ArrayList<>();
        addNamespaceRules(rules);
        addMountRules(rules);
        addKernelSurfaceRules(rules);
        addHostRules(rules);
        addProcessRules(rules);
        addMemoryRules(rules);
        addObsoleteRules(rules);
        addTerminalRules(rules);
        addSpecialBitRules(rules);
        addLeaseRules(rules);
        addSupervisorRules(rules);
        addPersonalityRules(rules);
        addSocketRules(rules);
        return rules;
    }

    private static void addNamespaceRules(List<SyscallRule> rules) {
        String nested = "a nested user namespace gives back every capability inside it";
        rules.add(fail(EPERM, CLONE, nested, intHasAny(0, CLONE_NEW_NAMESPACES)));
        // The harmless flags are listed, since new ones take free bits: newer kernels have
        // UNSHARE_EMPTY_MNTNS, 0x100000.
        rules.add(fail(EPERM, UNSHARE, nested, longHasAny(0, ~UNSHARE_HARMLESS)));
        fail(rules, EPERM, "enters a namespace that a descriptor leads to", SETNS);
        // glibc then uses clone(2), whose flags are in a register.
        fail(rules, ENOSYS, "its flags lie in memory, where a filter cannot see them", CLONE3);
        fail(rules, ENOSYS, "lists namespaces, of use only to those who enter them", LISTNS);
    }

    private static void addMountRules(List<SyscallRule> rules) {
        fail(
                rules,
                EPERM,
                "changes the mount tree: uncovers what is masked, or mounts by a file system's bug",
                MOUNT,
                UMOUNT2,
                PIVOT_ROOT,
                CHROOT,
                FSOPEN,
                FSCONFIG,
                FSMOUNT,
                FSPICK,
                MOVE_MOUNT,
                OPEN_TREE,
                OPEN_TREE_ATTR,
                MOUNT_SETATTR);
        fail(
                rules,
                EPERM,
                "opens a file by its inode, past every directory above it",
                NAME_TO_HANDLE_AT,
                OPEN_BY_HANDLE_AT);
        // /proc/self/mountinfo says the same where the sandbox has a /proc.
        fail(rules, ENOSYS, "tells the host's paths of bind mounts", STATMOUNT, LISTMOUNT);
        fail(
                rules,
                EPERM,
                "reports what others do to files of a shared mount",
                FANOTIFY_INIT,
                FANOTIFY_MARK);
        fail(rules, EPERM, "reads and sets disk quotas of the host", QUOTACTL, QUOTACTL_FD);
    }

    private static void addKernelSurfaceRules(List<SyscallRule> rules) {
        fail(
                rules,
                ENOSYS,
                "many exploitable bugs, and its operations are not seen by any filter",
                IO_URING_SETUP,
                IO_URING_ENTER,
                IO_URING_REGISTER);
        // ENOSYS as from a kernel built without CONFIG_KEYS, which programs are prepared for.
        fail(
                rules,
                ENOSYS,
                "older kernels share a user's keyrings across sandboxes; had exploitable bugs",
                ADD_KEY,
                REQUEST_KEY,
                KEYCTL);
        fail(rules, EPERM, "loads programs into the kernel", BPF);
        fail(rules, EPERM, "measures other programs and the kernel", PERF_EVENT_OPEN);
        fail(rules, EPERM, "stops the kernel at a point of choice, for races", USERFAULTFD);
        fail(rules, EPERM, "compares kernel objects, which helps to find their addresses", KCMP);
    }

    private static void addHostRules(List<SyscallRule> rules) {
        fail(
                rules,
                EPERM,
                "replaces or extends the kernel",
                KEXEC_LOAD,
                KEXEC_FILE_LOAD,
                INIT_MODULE,
                FINIT_MODULE,
                DELETE_MODULE);
        fail(rules, EPERM, "stops or restarts the host", REBOOT);
        fail(rules, EPERM, "changes where the host's memory goes", SWAPON, SWAPOFF);
        fail(rules, EPERM, "reads the kernel log, with addresses and other programs", SYSLOG);
        fail(rules, EPERM, "makes the host write an accounting file", ACCT);
        fail(rules, EPERM, "hangs up the terminal of a session", VHANGUP);
        fail(
                rules,
                EPERM,
                "sets the host's clock",
                SETTIMEOFDAY,
                CLOCK_SETTIME,
                CLOCK_ADJTIME,
                ADJTIMEX);
        fail(rules, EPERM, "gives access to I/O ports", IOPL, IOPERM);
        fail(rules, EPERM, "changes the sandbox's names", SETHOSTNAME, SETDOMAINNAME);
        fail(
                rules,
                ENOSYS,
                "changes, or tells of, what security modules of the host attach to the process",
                LSM_GET_SELF_ATTR,
                LSM_LIST_MODULES,
                LSM_SET_SELF_ATTR);
    }

    private static void addProcessRules(List<SyscallRule> rules) {
        fail(rules, EPERM, "takes descriptors out of another process", PIDFD_GETFD);
        fail(rules, ENOSYS, "has memory of another process paged out", PROCESS_MADVISE);
    }

    private static void addMemoryRules(List<SyscallRule> rules) {
        // All of them, with ENOSYS as from a kernel without CONFIG_NUMA: libnuma asks with
        // get_mempolicy and then leaves the rest alone.
        fail(
                rules,
                ENOSYS,
                "chooses which memory node bears the load, and tells where pages lie",
                MBIND,
                SET_MEMPOLICY,
                GET_MEMPOLICY,
                SET_MEMPOLICY_HOME_NODE,
                MIGRATE_PAGES,
                MOVE_PAGES);
        fail(
                rules,
                ENOSYS,
                "splits the kernel's own mapping of memory, and keeps the host from hibernating",
                MEMFD_SECRET);
        // The first kernels that have it answer for every file that can be read.
        fail(rules, ENOSYS, "tells what others read of a shared file", CACHESTAT);
        // Used by Wine and emulators of 16-bit programs.
        fail(rules, ENOSYS, "installs segments; a rarely used way into the kernel", MODIFY_LDT);
    }

    /// A file on a writable bind belongs to somebody of the host, who would lend his rights to
    /// everyone there that executes it.
    private static void addSpecialBitRules(List<SyscallRule> rules) {
        String reason = "makes a set-user-ID or set-group-ID file, perhaps in a tree of the host";
        for (Syscall call : List.of(CHMOD, FCHMOD, CREAT, MKNOD)) {
            rules.add(fail(EPERM, call, reason, intHasAny(1, SET_ID_BITS)));
        }
        for (Syscall call : List.of(FCHMODAT, FCHMODAT2, MKNODAT)) {
            rules.add(fail(EPERM, call, reason, intHasAny(2, SET_ID_BITS)));
        }
        // The mode counts only where a file is made; else any number may stand in its register.
        rules.add(fail(EPERM, OPEN, reason, intHasAny(1, CREATES), intHasAny(2, SET_ID_BITS)));
        rules.add(fail(EPERM, OPENAT, reason, intHasAny(2, CREATES), intHasAny(3, SET_ID_BITS)));
        fail(rules, ENOSYS, "its mode lies in memory, where a filter cannot see it", OPENAT2);
    }

    /// A lease makes everyone else who opens the file wait, on a read-only mount too: other
    /// sandboxes, and the JVM itself. A delegation is a lease that can be on a directory as well,
    /// and also delays who removes, renames or changes what is in it.
    private static void addLeaseRules(List<SyscallRule> rules) {
        String reason = "delays, or tells of, what others do with a shared file";
        for (int command : new int[] {F_SETLEASE, F_NOTIFY, F_SETDELEG}) {
            rules.add(fail(EPERM, FCNTL, reason, intIs(1, command)));
        }
    }

    /// The first process has the user of the command, so that the kernel would let the command
    /// starve or end it; it is the one that reports.
    private static void addSupervisorRules(List<SyscallRule> rules) {
        String reason = "changes limits or scheduling of the sandbox's first process";
        rules.add(fail(EPERM, PRLIMIT64, reason, intHasAny(0, -1), longHasAny(2, -1L)));
        for (Syscall call :
                List.of(SCHED_SETSCHEDULER, SCHED_SETPARAM, SCHED_SETATTR, SCHED_SETAFFINITY)) {
            rules.add(fail(EPERM, call, reason, intIs(0, 1)));
        }
        rules.add(fail(EPERM, SETPRIORITY, reason, intIs(1, 1)));
        rules.add(fail(EPERM, SETPRIORITY, reason, intIs(0, PRIO_USER)));
        rules.add(fail(EPERM, IOPRIO_SET, reason, intIs(1, 1)));
        rules.add(fail(EPERM, IOPRIO_SET, reason, intIs(0, IOPRIO_WHO_USER)));
    }

    private static void addObsoleteRules(List<SyscallRule> rules) {
        fail(
                rules,
                ENOSYS,
                "obsolete, present in some kernels",
                USELIB,
                _SYSCTL,
                SYSFS,
                NFSSERVCTL,
                LOOKUP_DCOOKIE,
                CREATE_MODULE,
                GET_KERNEL_SYMS,
                QUERY_MODULE);
        fail(
                rules,
                ENOSYS,
                "a number that was set aside; no kernel has the call",
                AFS_SYSCALL,
                EPOLL_CTL_OLD,
                EPOLL_WAIT_OLD,
                GETPMSG,
                PUTPMSG,
                SECURITY,
                TUXCALL,
                VSERVER);
        fail(rules, ENOSYS, "obsolete; tells the free space of any mounted device", USTAT);
    }

    private static void addTerminalRules(List<SyscallRule> rules) {
        String types = "types into the terminal, as the user who sits there";
        rules.add(fail(EPERM, IOCTL, types, intIs(1, TIOCSTI)));
        String pastes = "selects and pastes into the console";
        rules.add(fail(EPERM, IOCTL, pastes, intIs(1, TIOCLINUX)));
        String discipline = "loads a line discipline into the kernel, a module if need be";
        rules.add(fail(EPERM, IOCTL, discipline, intIs(1, TIOCSETD)));
    }

    private static void addPersonalityRules(List<SyscallRule> rules) {
        rules.add(allow(PERSONALITY, "asks only", intIs(0, PERSONALITY_QUERY)));
        String harmless = "what uname says, and fixed addresses for debuggers and setarch";
        rules.add(allow(PERSONALITY, harmless, intBitsAre(0, ~PERSONALITY_HARMLESS, 0)));
        fail(rules, EPERM, "executable data, page zero and other old behaviour", PERSONALITY);
    }

    private static void addSocketRules(List<SyscallRule> rules) {
        rules.add(allow(SOCKET, "within the sandbox", intIs(0, AF_UNIX)));
        // "if (family == PF_INET && type == SOCK_PACKET)" the kernel takes it for AF_PACKET
        // (net/socket.c).
        rules.add(
                fail(
                        EAFNOSUPPORT,
                        SOCKET,
                        "the old name of AF_PACKET",
                        intIs(0, AF_INET),
                        intBitsAre(1, SOCK_TYPE_MASK, SOCK_PACKET)));
        rules.add(allow(SOCKET, "in the sandbox's own network", intIs(0, AF_INET)));
        rules.add(allow(SOCKET, "in the sandbox's own network", intIs(0, AF_INET6)));
        rules.add(
                allow(
                        SOCKET,
                        "how libraries list network interfaces",
                        intIs(0, AF_NETLINK),
                        intIs(2, NETLINK_ROUTE)));
        // As from a kernel without that protocol: libaudit, for one, then goes on without it.
        rules.add(
                fail(
                        EPROTONOSUPPORT,
                        SOCKET,
                        "configures other parts of the kernel, such as nf_tables",
                        intIs(0, AF_NETLINK)));
        fail(
                rules,
                EAFNOSUPPORT,
                "reaches the host past the network namespace (AF_VSOCK), or code with a history of"
                        + " exploits (AF_ALG, AF_PACKET, AF_XDP)",
                SOCKET);
        rules.add(allow(SOCKETPAIR, "within the sandbox", intIs(0, AF_UNIX)));
        fail(rules, EAFNOSUPPORT, "only AF_UNIX and AF_TIPC have pairs", SOCKETPAIR);
    }

    private static void fail(
            List<SyscallRule> rules, Errno errno, String reason, Syscall... calls) {
        for (Syscall call : calls) {
            rules.add(SyscallRule.of(call, SyscallAction.fail(errno), reason));
        }
    }

    private static SyscallRule fail(
            Errno errno, Syscall call, String reason, ArgumentTest... tests) {
        return SyscallRule.of(call, SyscallAction.fail(errno), reason, tests);
    }

    private static SyscallRule allow(Syscall call, String reason, ArgumentTest... tests) {
        return SyscallRule.of(call, SyscallAction.ALLOW, reason, tests);
    }
}
