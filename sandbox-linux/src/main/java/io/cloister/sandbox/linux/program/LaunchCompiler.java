package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.Keyring;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.Argument.Address;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Compiles a launch plan to the program that the sandbox's first process runs.
///
/// # Order, and why
///
/// 1. The status socket becomes descriptor 3, so that every later failure can be told.
/// 2. User maps, while the process may still write its own files in /proc; then securebits; clock
///    offsets, for the same reason as the maps; then the process becomes undumpable, so that
///    nothing inside can ever look into it.
/// 3. The tree, the network, the names: what needs capabilities.
/// 4. The parent-death signal, after the last change of credentials (which would clear it), and a
///    look whether the parent is still there.
/// 5. Privileges go: bounding set, all capability sets, no_new_privs. What follows could be done by
///    anyone. Where the command keeps capabilities they go in two steps: see [PrivilegeCompiler].
/// 6. The command is started by a vfork: the interpreter needs no stack, so both can share memory
///    until execve, and no page is copied. The system-call filter is the command's alone; the first
///    process only waits, and its calls are in this listing.
/// 7. The first process waits, ends what is left, and reports.
public final class LaunchCompiler {

    /// Where descriptors that were passed begin in the first process: status, stdin, stdout,
    /// stderr, further ones of the command, then detached mounts.
    public static final int FIRST_PASSED = 5;

    static final int STATUS = 3;

    /// struct statx, and where it has stx_ino.
    private static final int STATX_SIZE = 256;

    private static final int STATX_INODE = 32;
    private static final int LAUNCHER = 4;
    private static final int STDIN = FIRST_PASSED + 1;
    private static final int FURTHER = STDIN + 3;

    private final LaunchPlan plan;
    private final Footing footing;
    private final InstalledFilter filter;
    private final List<Integer> further;
    private final ProgramBuilder b;
    private final Address scratch;

    private LaunchCompiler(
            LaunchPlan plan,
            List<Integer> further,
            Footing footing,
            CpuArchitecture cpu,
            InstalledFilter filter) {
        this.plan = plan;
        this.footing = footing;
        this.filter = filter;
        this.further = further;
        b = new ProgramBuilder(cpu);
        scratch = b.zeros(16);
    }

    /// The program of a launch: a set-up, and behind it the execution of a command.
    ///
    /// @param filter the filter that the set-up installs
    public static LaunchProgram link(
            SyscallProgram setUp, Execution execution, InstalledFilter filter) {
        return new LaunchProgram(setUp, ExecutionCompiler.compile(execution, setUp, filter));
    }

    /// The set-up for `plan`; nothing in it depends on the command but the numbers of its further
    /// descriptors.
    ///
    /// @param further the numbers of the command's further descriptors
    /// @param footing from where the launch starts
    /// @param filter the system-call filter
    /// @param cpu for which CPU
    /// @param base where it will stand
    public static SyscallProgram compile(
            LaunchPlan plan,
            List<Integer> further,
            Footing footing,
            CpuArchitecture cpu,
            InstalledFilter filter,
            int base) {
        LaunchCompiler compiler = new LaunchCompiler(plan, further, footing, cpu, filter);
        compiler.write();
        return compiler.b.build(header(plan, footing), base);
    }

    /// The set-up of a sandbox that stays: its first process goes on to serve requests on the
    /// socket that is passed behind the standard streams. It keeps its capabilities, which are
    /// worth something in its own user namespace alone, for what tidies up between commands; each
    /// command gives up its own.
    ///
    /// @param footing from where the launch starts
    /// @param cpu for which CPU
    /// @param base where it will stand
    public static SyscallProgram compileServer(
            LaunchPlan plan, Footing footing, CpuArchitecture cpu, int base) {
        LaunchCompiler compiler =
                new LaunchCompiler(plan, List.of(0), footing, cpu, InstalledFilter.NONE);
        compiler.writeServer();
        return compiler.b.build(header(plan, footing), base);
    }

    /// struct clone_args, padded.
    private static byte[] header(LaunchPlan plan, Footing footing) {
        long flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
        if (footing.ownGroup()) {
            flags |= CLONE_INTO_CGROUP;
        }
        for (Namespace namespace : plan.newNamespaces()) {
            // A clock offset can be set before the first process of its namespace only.
            boolean unshared = namespace == Namespace.TIME && !plan.clockOffsets().isEmpty();
            boolean prepared = namespace == Namespace.NET && footing.ahead() != Ahead.NOTHING;
            // clone3 would make the launcher's control group its root, not the own one.
            boolean later = namespace == Namespace.CGROUP && footing.ownGroup();
            if (!unshared && !prepared && !later) {
                flags |= flag(namespace);
            }
        }
        return ZygoteProgram.requestHeader(flags);
    }

    static long flag(Namespace namespace) {
        return switch (namespace) {
            case MOUNT -> CLONE_NEWNS;
            case PID -> CLONE_NEWPID;
            case NET -> CLONE_NEWNET;
            case IPC -> CLONE_NEWIPC;
            case UTS -> CLONE_NEWUTS;
            case USER -> CLONE_NEWUSER;
            case CGROUP -> CLONE_NEWCGROUP;
            case TIME -> CLONE_NEWTIME;
        };
    }

    private void write() {
        b.step(SetupStep.SUPERVISE, "status socket");
        Address created = b.zeros(16);
        b.call(Call.CLOCK_GETTIME, number(CLOCK_MONOTONIC), created);
        PrivilegeCompiler privileges = new PrivilegeCompiler(b, plan.privileges());
        MountCompiler mounts = surroundings(privileges, () -> {});
        b.step(SetupStep.IDENTITY, "umask");
        b.call(Call.UMASK, number(plan.umask()));
        keyring();
        privileges.bound();
        hostUser();
        dieWithLauncher(b, LAUNCHER);
        privileges.drop();
        Address status = b.words(number(STATUS));
        SupervisorCompiler.Looks looks = SupervisorCompiler.look(b, mounts.filesystems());
        CommandCompiler.Running running =
                new CommandCompiler(
                                b,
                                plan,
                                privileges,
                                filter,
                                STDIN,
                                status,
                                footing.terminal(),
                                footing.standby())
                        .write(further, created, looks.rooms().size());
        new SupervisorCompiler(b, plan, running, looks).write();
        fail(status);
    }

    private void writeServer() {
        b.step(SetupStep.SUPERVISE, "status socket");
        PrivilegeCompiler privileges = new PrivilegeCompiler(b, plan.privileges());
        MountCompiler mounts = surroundings(privileges, this::tellNamespaces);
        keyring();
        privileges.bound();
        hostUser();
        dieWithLauncher(b, LAUNCHER);
        b.step(SetupStep.SUPERVISE, "root");
        Address root = b.zeros(8);
        b.call(Call.OPENAT, number(AT_FDCWD), b.text("/"), number(O_PATH | O_CLOEXEC)).store(root);
        SupervisorCompiler.Looks looks = SupervisorCompiler.look(b, mounts.filesystems());
        SupervisorCompiler.announceServer(b, root, looks);
        ZygoteProgram.serve(b, FURTHER);
        fail(b.words(number(STATUS)));
    }

    /// The surroundings of the command: users, clocks, tree, network, names.
    ///
    /// @param atHome written where the process still has the host's procfs
    private MountCompiler surroundings(PrivilegeCompiler privileges, Runnable atHome) {
        b.call(Call.DUP3, number(FIRST_PASSED), number(STATUS), number(O_CLOEXEC));
        enterGroups();
        if (footing.ownGroup() && plan.isNew(Namespace.CGROUP)) {
            b.step(SetupStep.CREATE_NAMESPACES, "cgroup");
            b.call(Call.UNSHARE, number(CLONE_NEWCGROUP));
        }
        boolean terminals = footing.terminal() == TerminalSource.OWN;
        MountCompiler mounts = new MountCompiler(b, FURTHER + further.size(), terminals);
        if (footing.ahead() == Ahead.NETWORK_AND_BASE) {
            mounts.enterInner();
        }
        users();
        privileges.lock();
        clocks();
        atHome.run();
        identity();
        b.step(SetupStep.PRIVILEGES, "undumpable");
        b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(0));
        if (plan.isNew(Namespace.USER)) {
            b.step(SetupStep.PRIVILEGES, "no user namespaces inside");
            writeFile("/proc/sys/user/max_user_namespaces", "0");
        }
        if (footing.ahead() == Ahead.NETWORK_AND_BASE) {
            mounts.own(plan.mounts().own());
        } else {
            mounts.write(plan.mounts());
        }
        if (plan.isNew(Namespace.NET) && footing.ahead() == Ahead.NOTHING) {
            loopback(b, scratch);
        }
        names();
        return mounts;
    }

    /// Before this process has made another one: each is born where its parent is.
    private void enterGroups() {
        for (int i = 0; i < footing.entries(); i++) {
            b.step(SetupStep.LIMITS, "enter control group #" + (i + 1));
            int file = FURTHER + further.size() + i;
            b.call(Call.WRITE, number(file), b.text("0"), number(1));
            b.call(Call.CLOSE, number(file));
        }
    }

    /// Later nobody on the host could ask: the process is undumpable.
    private void tellNamespaces() {
        b.step(SetupStep.SUPERVISE, "tell the namespaces");
        Namespace[] all = Namespace.values();
        Address payload = b.zeros(8 + 8 * all.length);
        Address found = b.zeros(STATX_SIZE);
        b.set(payload, number(StatusTag.NAMESPACES));
        for (int i = 0; i < all.length; i++) {
            String file = all[i] == Namespace.MOUNT ? "mnt" : all[i].label();
            b.call(
                    Call.STATX,
                    number(AT_FDCWD),
                    b.text("/proc/self/ns/" + file),
                    number(0),
                    number(STATX_BASIC_STATS),
                    found);
            b.set(payload.plus(8 + 8 * i), found.plus(STATX_INODE).loaded());
        }
        b.call(Call.WRITE, number(STATUS), payload, number(8 + 8L * all.length));
    }

    private void hostUser() {
        if (plan.users() instanceof UserMap.HostDropped) {
            become(footing.uid(), footing.gid(), List.of());
            b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(0));
        }
        footing.user()
                .ifPresent(user -> {
                    become(user.uid(), user.gid(), user.groups());
                    b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(0));
                });
    }

    private void fail(Address status) {
        b.place(b.failure());
        Argument[] ticket = {filter.ticket(0), filter.ticket(1), filter.ticket(2)};
        b.call(
                        Call.WRITE,
                        status.loaded(),
                        number(Interpreter.RECORD),
                        number(16),
                        ticket[0],
                        ticket[1],
                        ticket[2])
                .orGoOn();
        b.call(Call.EXIT_GROUP, number(1), number(0), number(0), ticket[0], ticket[1], ticket[2])
                .orGoOn();
    }

    private void users() {
        switch (plan.users()) {
            case UserMap.Single(int uid, int gid) -> {
                b.step(SetupStep.MAP_USERS, uid + " -> " + footing.uid());
                writeFile("/proc/self/setgroups", "deny");
                writeFile("/proc/self/uid_map", uid + " " + footing.uid() + " 1");
                writeFile("/proc/self/gid_map", gid + " " + footing.gid() + " 1");
            }
            case UserMap.Ranges ranges -> {
                b.step(SetupStep.MAP_USERS, ranges.uids() + ", groups " + ranges.gids());
                Address word = b.words(number(StatusTag.WAITING_FOR_MAPS));
                b.call(Call.WRITE, number(STATUS), word, number(8));
                b.call(Call.READ, number(STATUS), scratch, number(8)).store(scratch.plus(8));
                Label written = new Label();
                b.jumpIfEqual(scratch.plus(8).loaded(), number(8), written);
                b.call(Call.EXIT_GROUP, number(1)).orGoOn();
                b.place(written);
            }
            case UserMap.Host _, UserMap.HostDropped _ -> {}
        }
    }

    private void clocks() {
        if (plan.clockOffsets().isEmpty()) {
            return;
        }
        b.step(SetupStep.CLOCKS, plan.clockOffsets().toString());
        b.call(Call.UNSHARE, number(CLONE_NEWTIME));
        StringBuilder lines = new StringBuilder();
        plan.clockOffsets().forEach((clock, offset) -> lines.append(offsetLine(clock, offset)));
        writeFile("/proc/self/timens_offsets", lines.toString());
    }

    private static String offsetLine(SandboxClock clock, Duration offset) {
        // time_namespaces(7): "<clock-id> <offset-secs> <offset-nanosecs>"
        return "%s %d %d\n"
                .formatted(
                        clock == SandboxClock.MONOTONIC ? "monotonic" : "boottime",
                        offset.getSeconds(),
                        offset.getNano());
    }

    private void identity() {
        if (plan.users() instanceof UserMap.Ranges ranges) {
            become(ranges.uid(), ranges.gid(), ranges.groups());
        }
    }

    private void become(int uid, int gid, List<Integer> groups) {
        b.step(SetupStep.IDENTITY, "uid " + uid + ", gid " + gid + ", groups " + groups);
        ByteBuffer ids = ByteBuffer.allocate(groups.size() * 4).order(ByteOrder.LITTLE_ENDIAN);
        groups.forEach(ids::putInt);
        b.call(Call.SETGROUPS, number(groups.size()), b.bytes(ids.array()));
        b.call(Call.SETRESGID, number(gid), number(gid), number(gid));
        b.call(Call.SETRESUID, number(uid), number(uid), number(uid));
    }

    /// The loopback interface of a new network namespace is down at first.
    static void loopback(ProgramBuilder b, Address scratch) {
        b.step(SetupStep.NETWORK, "loopback up");
        b.call(Call.SOCKET, number(AF_INET), number(SOCK_DGRAM | SOCK_CLOEXEC), number(0))
                .store(scratch);
        b.call(Call.IOCTL, scratch.loaded(), number(SIOCSIFFLAGS), b.bytes(loopbackUp()));
        b.call(Call.CLOSE, scratch.loaded());
    }

    /// struct ifreq { char ifr_name[16]; short ifr_flags; ... }, 40 bytes.
    static byte[] loopbackUp() {
        ByteBuffer request = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        request.put("lo".getBytes(StandardCharsets.US_ASCII));
        request.putShort(16, (short) (IFF_UP | IFF_RUNNING));
        return request.array();
    }

    private void names() {
        plan.hostName()
                .ifPresent(name -> {
                    b.step(SetupStep.NAMES, "host name " + name);
                    b.call(Call.SETHOSTNAME, b.text(name), number(length(name)));
                });
        plan.domainName()
                .ifPresent(name -> {
                    b.step(SetupStep.NAMES, "domain name " + name);
                    b.call(Call.SETDOMAINNAME, b.text(name), number(length(name)));
                });
    }

    /// From here on this process dies with its parent, of which `pidfd` tells whether it lives.
    static void dieWithLauncher(ProgramBuilder b, int pidfd) {
        b.step(SetupStep.SUPERVISE, "die with the launcher");
        b.call(Call.PRCTL, number(PR_SET_PDEATHSIG), number(SIGKILL));
        // struct pollfd { int fd; short events; short revents; }, timeout {0, 0}
        Address poll = b.words(number(pidfd | (long) POLLIN << 32), number(0), number(0));
        Address ready = b.zeros(8);
        b.call(Call.PPOLL, poll, number(1), poll.plus(8), number(0), number(0)).store(ready);
        Label alive = new Label();
        b.jumpIfEqual(ready.loaded(), number(0), alive);
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        b.place(alive);
        b.call(Call.CLOSE, number(pidfd));
    }

    private void keyring() {
        if (plan.keyring() == Keyring.NONE) {
            return;
        }
        b.step(SetupStep.PRIVILEGES, "own session keyring");
        Label joined = new Label();
        if (plan.keyring() == Keyring.LAUNCHERS) {
            b.jumpIfEqual(ZygoteProgram.OWN_KEYRING, number(1), joined);
        }
        b.call(Call.KEYCTL, number(KEYCTL_JOIN_SESSION_KEYRING), number(0));
        b.place(joined);
    }

    private void writeFile(String path, String content) {
        writeFile(b, scratch, path, content);
    }

    static void writeFile(ProgramBuilder b, Address scratch, String path, String content) {
        b.call(Call.OPENAT, number(AT_FDCWD), b.text(path), number(O_WRONLY | O_CLOEXEC))
                .store(scratch);
        b.call(Call.WRITE, scratch.loaded(), b.text(content), number(length(content)));
        b.call(Call.CLOSE, scratch.loaded());
    }

    static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
