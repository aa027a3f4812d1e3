package io.cloister.sandbox.syscall;

import static io.cloister.sandbox.syscall.ArgumentTest.intHasAny;
import static io.cloister.sandbox.syscall.ArgumentTest.intIs;
import static io.cloister.sandbox.syscall.ArgumentTest.longHasAny;
import static io.cloister.sandbox.syscall.Syscall.*;
import static io.cloister.sandbox.syscall.SyscallAction.KILL;

import io.cloister.sandbox.Errno;

/// The profiles that open only what their programs need. Each says of every call why it is open or
/// closed; a test watches over that.
///
/// Which answer a closed call gets:
///
/// - `ENOSYS` where programs have a way around a kernel that lacks the call.
/// - `EPERM` where they know that it takes privileges, and can go on without.
/// - Another error where programs ask for the feature, and that error says that it is not there.
/// - Death, in the profile for judges alone, where no runtime, library or compiler makes the call
///   unless the program wants what it does.
final class AllowLists {

    // linux/prctl.h
    private static final int PR_SET_SECCOMP = 22;

    private static final SyscallAction ENOSYS = SyscallAction.fail(Errno.ENOSYS);
    private static final SyscallAction EPERM = SyscallAction.fail(Errno.EPERM);

    private AllowLists() {}

    /// What programs of all kinds need, and what of the rest none of them does.
    private static AllowList forPrograms(AllowList list) {
        return list.open(SyscallGroup.BASIC_IO, "what all input and output is made of")
                .open(SyscallGroup.IO_EVENT, "the event loops of the runtimes")
                .open(SyscallGroup.FILE_SYSTEM, "files, as far as the mount tree shows them")
                .open(SyscallGroup.SYNC, "what databases and compilers have to rely on")
                .open(SyscallGroup.NETWORK_IO, "sockets, of the families that are open")
                .open(SyscallGroup.PROCESS, "programs start others; the limits count them")
                .open(SyscallGroup.THREAD, "every runtime has threads")
                .open(SyscallGroup.MEMORY, "own memory, which the limits count")
                .open(SyscallGroup.SIGNAL, "signals to processes of the sandbox")
                .open(SyscallGroup.TIMER, "clocks to read, and timers")
                .open(SyscallGroup.RESOURCES, "runtimes ask how many processors there are")
                .open(SyscallGroup.SYSTEM_INFO, "random numbers, name and size of the system")
                .open(SyscallGroup.IDENTITY, "libraries ask who they run as")
                .open(
                        SyscallGroup.SETUID,
                        "gives up rights, as busybox does at each start; without capabilities there"
                                + " are none to gain")
                .open(
                        "made for the administrator of the host who traces the program, by code"
                                + " that the kernel put there; without it the program dies",
                        UPROBE,
                        URETPROBE)
                .answer(ENOSYS, SyscallGroup.AIO, "used by databases, which go on without it")
                .answer(EPERM, "looks into and steers other processes", PTRACE)
                .answer(
                        EPERM,
                        "reads and writes the memory of other processes",
                        PROCESS_VM_READV,
                        PROCESS_VM_WRITEV)
                .answer(ENOSYS, "of use to killers of processes alone", PROCESS_MRELEASE)
                .answer(
                        ENOSYS,
                        "thread-local storage of 32-bit programs",
                        GET_THREAD_AREA,
                        SET_THREAD_AREA)
                .answer(ENOSYS, "replaced by mmap", REMAP_FILE_PAGES);
    }

    static SyscallPolicy judge() {
        AllowList list = new AllowList();
        killWhatOnlyAnAttackMakes(list);
        list.answerWhere(
                SyscallAction.ALLOW, "within the sandbox", SOCKET, intIs(0, CommonRules.AF_UNIX));
        list.answer(
                SyscallAction.fail(Errno.EAFNOSUPPORT),
                "a submission talks to nobody; runtimes take it for a kernel without a network",
                SOCKET);
        list.answerWhere(
                SyscallAction.fail(Errno.EINVAL),
                "a filter of its own would answer before this one, and hide a violation",
                PRCTL,
                intIs(0, PR_SET_SECCOMP));
        list.answer(
                ENOSYS,
                SyscallGroup.SANDBOX,
                "a filter of its own would answer before this one, and hide a violation");
        list.answer(
                ENOSYS,
                "newer forms of what fails with EOPNOTSUPP",
                FILE_GETATTR,
                FILE_SETATTR,
                GETXATTRAT,
                LISTXATTRAT,
                REMOVEXATTRAT,
                SETXATTRAT);
        list.answer(
                SyscallAction.fail(Errno.EOPNOTSUPP),
                SyscallGroup.XATTR,
                "not needed; copying programs take it for a file system without attributes");
        list.answer(ENOSYS, SyscallGroup.FILE_WATCH, "tells what others do with shared files");
        return forPrograms(closeWhatServicesDoNotNeed(list)).policy();
    }

    private static void killWhatOnlyAnAttackMakes(AllowList list) {
        String nested = "a nested user namespace gives back every capability inside it";
        list.answerWhere(KILL, nested, CLONE, intHasAny(0, CommonRules.CLONE_NEW_NAMESPACES))
                .answerWhere(KILL, nested, UNSHARE, longHasAny(0, ~CommonRules.UNSHARE_HARMLESS))
                .answer(KILL, "enters a namespace that a descriptor leads to", SETNS)
                .answer(ENOSYS, "tells the host's paths of bind mounts", STATMOUNT, LISTMOUNT)
                .answer(KILL, SyscallGroup.MOUNT, "changes the mount tree, or the root directory")
                .answer(KILL, "opens a file by its inode, past every directory", OPEN_BY_HANDLE_AT)
                .answer(
                        KILL,
                        "takes over another process; the leak check of -fsanitize=address is the"
                                + " one ordinary user of it, and ends the program without it too",
                        PTRACE)
                .answer(KILL, "stops the kernel at a point of choice, for races", USERFAULTFD)
                .answer(KILL, "loads programs into the kernel", BPF)
                .answer(KILL, SyscallGroup.KEYRING, "had exploitable bugs, and no runtime uses it")
                .answer(KILL, SyscallGroup.MODULE, "loads code into the kernel")
                .answer(KILL, SyscallGroup.REBOOT, "restarts the host, or replaces its kernel")
                .answer(KILL, SyscallGroup.SWAP, "changes where the host's memory goes")
                .answer(KILL, SyscallGroup.RAW_IO, "gives access to I/O ports")
                .answer(KILL, "sets the host's clock", SETTIMEOFDAY, CLOCK_SETTIME)
                .answer(KILL, "makes the host write an accounting file", ACCT)
                .answer(KILL, "changes the sandbox's names", SETHOSTNAME, SETDOMAINNAME);
    }

    static SyscallPolicy plugin() {
        AllowList list = closeWhatServicesDoNotNeed(new AllowList());
        return forServices(forPrograms(list)).policy();
    }

    static SyscallPolicy build() {
        AllowList list = closeNestedNamespaces(new AllowList());
        return forServices(forPrograms(list))
                .open(SyscallGroup.CHOWN, "tar and install set owners, as far as the kernel allows")
                .open(SyscallGroup.IPC, "fakeroot and tests of databases, in an IPC namespace")
                .policy();
    }

    private static AllowList forServices(AllowList list) {
        return list.open(SyscallGroup.XATTR, "copies keep the attributes of files")
                .open(SyscallGroup.FILE_WATCH, "services reload what has changed")
                .open(SyscallGroup.SANDBOX, "a program that confines itself further is welcome");
    }

    /// For programs that neither install software nor run databases.
    private static AllowList closeWhatServicesDoNotNeed(AllowList list) {
        return closeNestedNamespaces(list)
                .answer(
                        EPERM,
                        SyscallGroup.CHOWN,
                        "without privileges there is no owner to give to")
                .answer(
                        ENOSYS,
                        SyscallGroup.IPC,
                        "outlives the process that made it; runtimes share memory by files")
                .answer(
                        EPERM,
                        "writes back whole file systems, those of the host among them",
                        SYNC,
                        SYNCFS)
                .answer(
                        ENOSYS,
                        "hands pages of memory to pipes: old ground for exploits, and rarely used",
                        TEE,
                        VMSPLICE);
    }

    private static AllowList closeNestedNamespaces(AllowList list) {
        String reason =
                "makes namespaces, which give back capabilities; of little use for anything else";
        return list.answer(EPERM, reason, UNSHARE);
    }
}
