package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.mount.MountStep;
import io.cloister.sandbox.linux.program.Argument.Address;
import io.cloister.sandbox.linux.program.Argument.LoadedAbsolute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// The launcher's own loop, and the small programs that make slots of it.
///
/// The launcher has descriptors 0 to 2 on /dev/null, 3 its socket, 4 a pidfd of itself (a child
/// asks it whether the launcher still lives). It receives a request, which is `struct clone_args`
/// followed by the program of the child, and the descriptors of the launch, of which the first is
/// the launch's status socket; forks; answers {CREATED, pid} with a pidfd on that socket; again. At
/// the end of the stream it exits, which takes every child along.
///
/// A prepared launcher does the same from namespaces of its own, with one thing more: each child
/// takes the network namespace that the launcher is in, so after each it makes the next one. If
/// that fails, it tries again at the next request, and refuses it if it fails again: two sandboxes
/// never share one.
public final class ZygoteProgram {

    /// Where a request stands in the launcher's memory, and in the child's.
    public static final int REQUEST = Interpreter.DATA + 0x4000;

    /// The longest request. A longer program is passed in a memfd and mapped.
    public static final int REQUEST_SIZE = 0x10000;

    /// Where a longer program is mapped.
    public static final int MAPPED = 0x20000000;

    /// The header of a request: struct clone_args, padded.
    public static final int HEADER_SIZE = 128;

    /// Where struct clone_args has the descriptor of a control group.
    static final int GROUP = 80;

    /// The size of the launcher's writable memory.
    public static final int MEMORY_SIZE = REQUEST + REQUEST_SIZE - Interpreter.DATA;

    /// The control message of the answer, just before the request; its descriptor 16 bytes in.
    private static final int ANSWER_CONTROL = REQUEST - 64;

    /// Whether the launcher makes network namespaces ahead: a word that a preparation sets.
    static final int MAKES_NETWORKS = REQUEST - 128;

    /// 0, or the negated error number for which there is no network namespace ready.
    private static final int NETWORK_PROBLEM = REQUEST - 120;

    /// Whether a request waits for the network namespace.
    private static final int REQUEST_WAITS = REQUEST - 112;

    private static final int KEYRING = REQUEST - 104;

    /// 1 where the launcher has left the session keyring of the JVM's user for an empty one.
    static final Argument OWN_KEYRING = new LoadedAbsolute(KEYRING);

    private static final int STATUS = LaunchCompiler.FIRST_PASSED;

    private static final long NETWORK_DELAY_NANOS = 20_000_000;

    /// Room for the descriptors of a request: SCM_MAX_FD is 253.
    private static final int CONTROL_ROOM = 16 + 4 * 256;

    private static final SyscallProgram X86_64 = write(CpuArchitecture.X86_64);
    private static final SyscallProgram AARCH64 = write(CpuArchitecture.AARCH64);

    private ZygoteProgram() {}

    /// The loop for `cpu`, laid out at [Interpreter#DATA].
    public static SyscallProgram loop(CpuArchitecture cpu) {
        return cpu == CpuArchitecture.X86_64 ? X86_64 : AARCH64;
    }

    /// struct clone_args with `flags`, the pidfd to where the launcher's answer takes it from.
    static byte[] requestHeader(long flags) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(flags);
        out.putLong(ANSWER_CONTROL + 16);
        out.putLong(32, SIGCHLD);
        return out.array();
    }

    private static SyscallProgram write(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.START_LAUNCHER, "");
        Address control = b.zeros(CONTROL_ROOM);
        Address request = b.message(number(REQUEST), REQUEST_SIZE, control, CONTROL_ROOM);
        Address answer = b.words(number(StatusTag.CREATED), number(0));
        Address created =
                b.message(answer, 16, number(ANSWER_CONTROL), ProgramBuilder.controlLength(1));
        Address refused = b.message(answer, 16, number(0), 0);
        Address length = b.zeros(8);
        // struct kernel_sigaction { handler, flags, [restorer,] mask }: children need no wait.
        Address action = b.words(number(0), number(SA_NOCLDWAIT), number(0), number(0));
        b.call(Call.CLOSE_RANGE, number(4), number(-1), number(0));
        b.call(Call.RT_SIGACTION, number(SIGCHLD), action, number(0), number(8));
        b.call(Call.PRCTL, number(PR_SET_NAME), b.text("cloister")).orGoOn();
        b.call(Call.SETSID).orGoOn();
        // Modes are meant as they are written, whatever the JVM's umask.
        b.call(Call.UMASK, number(0));
        Label noKeyring = new Label();
        // It is inherited, and each would count against the quota of the user.
        b.jumpIfEqual(OWN_KEYRING, number(1), noKeyring);
        b.call(Call.KEYCTL, number(KEYCTL_JOIN_SESSION_KEYRING), number(0)).onError(noKeyring);
        b.set(number(KEYRING), number(1));
        b.place(noKeyring);
        b.call(Call.GETPID).store(length);
        b.call(Call.PIDFD_OPEN, length.loaded(), number(0));
        b.set(number(ANSWER_CONTROL), number(20));
        b.set(number(ANSWER_CONTROL + 8), number(SOL_SOCKET | (long) SCM_RIGHTS << 32));
        Label next = new Label();
        Label fork = new Label();
        Label refuse = new Label();
        Label makeNetwork = new Label();
        b.place(next);
        b.call(Call.CLOSE_RANGE, number(STATUS), number(-1), number(0));
        b.set(request.plus(40), number(CONTROL_ROOM));
        b.call(Call.RECVMSG, number(3), request, number(MSG_CMSG_CLOEXEC)).store(length);
        b.jumpIfLess(length.loaded(), number(HEADER_SIZE), b.failure());
        b.jumpIfEqual(new LoadedAbsolute(NETWORK_PROBLEM), number(0), fork);
        b.set(number(REQUEST_WAITS), number(1));
        b.jump(makeNetwork);
        b.place(fork);
        b.call(Call.CLONE3, number(REQUEST), number(CLONE_ARGS_SIZE))
                .store(answer.plus(8))
                .orGoOn();
        b.jumpIfEqual(answer.plus(8).loaded(), number(0), Label.at(REQUEST + HEADER_SIZE));
        b.jumpIfLess(answer.plus(8).loaded(), number(0), refuse);
        b.call(Call.SENDMSG, number(STATUS), created, number(MSG_NOSIGNAL)).orGoOn();
        b.jumpIfEqual(new LoadedAbsolute(MAKES_NETWORKS), number(0), next);
        // Not while the sandbox starts, which wants the CPU: when it has ended, when the next
        // request comes, or after a while. struct pollfd { int fd; short events, revents; }
        Address poll = b.words(number(3 | (long) POLLIN << 32), number(0));
        Address patience = b.words(number(0), number(NETWORK_DELAY_NANOS));
        b.add(new LoadedAbsolute(ANSWER_CONTROL + 16), number((long) POLLIN << 32), poll.plus(8));
        // ppoll(2) leaves the time that was left in it.
        b.set(patience.plus(8), number(NETWORK_DELAY_NANOS));
        b.call(Call.PPOLL, poll, number(2), patience, number(0), number(0)).orGoOn();
        b.call(Call.CLOSE_RANGE, number(STATUS), number(-1), number(0));
        makeNetwork(b, makeNetwork, next, fork, refuse, answer.plus(8));
        b.place(refuse);
        b.call(Call.SENDMSG, number(STATUS), refused, number(MSG_NOSIGNAL)).orGoOn();
        b.jump(next);
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, number(0)).orGoOn();
        return b.build(new byte[Interpreter.RECORD_SIZE], Interpreter.DATA);
    }

    private static void makeNetwork(
            ProgramBuilder b, Label start, Label next, Label fork, Label refuse, Address answer) {
        Address socket = b.zeros(8);
        Label failed = new Label();
        Label made = new Label();
        b.place(start);
        b.call(Call.UNSHARE, number(CLONE_NEWNET)).onError(failed);
        b.call(Call.SOCKET, number(AF_INET), number(SOCK_DGRAM | SOCK_CLOEXEC), number(0))
                .store(socket)
                .onError(failed);
        b.call(
                        Call.IOCTL,
                        socket.loaded(),
                        number(SIOCSIFFLAGS),
                        b.bytes(LaunchCompiler.loopbackUp()))
                .onError(failed);
        b.call(Call.CLOSE, socket.loaded()).orGoOn();
        b.set(number(NETWORK_PROBLEM), number(0));
        b.jump(made);
        b.place(failed);
        b.set(number(NETWORK_PROBLEM), new LoadedAbsolute(Interpreter.RECORD + 8));
        b.place(made);
        b.jumpIfEqual(new LoadedAbsolute(REQUEST_WAITS), number(0), next);
        b.set(number(REQUEST_WAITS), number(0));
        b.jumpIfEqual(new LoadedAbsolute(NETWORK_PROBLEM), number(0), fork);
        b.set(answer, new LoadedAbsolute(NETWORK_PROBLEM));
        b.jump(refuse);
    }

    /// The request that makes a slot: a child that becomes another user and then serves requests
    /// itself, on the socket passed behind its status socket.
    ///
    /// @param drop whether it becomes that user, or stays what the launcher is
    /// @param ownGroup whether it is born into the control group whose directory is passed last
    public static SyscallProgram slot(
            CpuArchitecture cpu, int uid, int gid, boolean drop, boolean ownGroup) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.START_LAUNCHER, "status socket");
        b.call(Call.DUP3, number(STATUS), number(3), number(O_CLOEXEC));
        if (drop) {
            b.step(SetupStep.START_LAUNCHER, "host user " + uid + ", group " + gid);
            b.call(Call.SETGROUPS, number(0), number(0));
            b.call(Call.SETRESGID, number(gid), number(gid), number(gid));
            b.call(Call.SETRESUID, number(uid), number(uid), number(uid));
            // So that its children can write their own maps: /proc/self belongs to a dumpable
            // process.
            b.call(Call.PRCTL, number(PR_SET_DUMPABLE), number(1));
        }
        LaunchCompiler.dieWithLauncher(b, 4);
        b.step(SetupStep.START_LAUNCHER, "serve");
        Address started = b.words(number(StatusTag.STARTED), number(0));
        b.call(Call.WRITE, number(3), started, number(16));
        b.call(Call.DUP3, number(STATUS + 1), number(3), number(O_CLOEXEC));
        b.jump(Label.at(Interpreter.PROGRAM_START));
        fail(b);
        long flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
        byte[] header = requestHeader(ownGroup ? flags | CLONE_INTO_CGROUP : flags);
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(GROUP, STATUS + 2);
        return b.build(header, REQUEST);
    }

    /// The request that makes a prepared launcher of the same user; it serves requests on the
    /// socket passed behind its status socket.
    ///
    /// @param base the base of a tree to stand in; empty to stay in the host's
    /// @param uid the host user of the launcher
    /// @param gid the host group of the launcher
    public static SyscallProgram prepared(
            CpuArchitecture cpu, List<MountStep> base, int uid, int gid, int at) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        Address scratch = b.zeros(8);
        b.step(SetupStep.START_LAUNCHER, "status socket");
        b.call(Call.DUP3, number(STATUS), number(3), number(O_CLOEXEC));
        b.step(SetupStep.MAP_USERS, uid + " -> " + uid);
        LaunchCompiler.writeFile(b, scratch, "/proc/self/setgroups", "deny");
        LaunchCompiler.writeFile(b, scratch, "/proc/self/uid_map", uid + " " + uid + " 1");
        LaunchCompiler.writeFile(b, scratch, "/proc/self/gid_map", gid + " " + gid + " 1");
        if (!base.isEmpty()) {
            MountCompiler mounts = new MountCompiler(b, 0, false);
            mounts.base(base);
            // The kernel allows a procfs only where one is in sight. This one shows the sandboxes
            // of this launcher; each covers it with its own.
            mounts.own(List.of(new MountStep.Proc(new MountStep.Target("proc", true), false)));
            // Not the inner one: who is in a chroot may make no user namespace, as a launcher does.
            mounts.enterOuter();
        }
        LaunchCompiler.loopback(b, scratch);
        LaunchCompiler.dieWithLauncher(b, 4);
        b.step(SetupStep.START_LAUNCHER, "serve");
        b.set(number(MAKES_NETWORKS), number(1));
        Address started = b.words(number(StatusTag.STARTED), number(0));
        b.call(Call.WRITE, number(3), started, number(16));
        b.call(Call.DUP3, number(STATUS + 1), number(3), number(O_CLOEXEC));
        b.jump(Label.at(Interpreter.PROGRAM_START));
        fail(b);
        long namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET;
        return b.build(requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND | namespaces), at);
    }

    /// The end of a set-up whose process then serves requests itself, in whose children every
    /// namespace is the server's own.
    ///
    /// @param socket where the server's end of the socket stands
    static void serve(ProgramBuilder b, int socket) {
        b.step(SetupStep.SUPERVISE, "serve");
        // What a prepared launcher left in this copy of its memory.
        b.set(number(MAKES_NETWORKS), number(0));
        b.set(number(NETWORK_PROBLEM), number(0));
        b.set(number(REQUEST_WAITS), number(0));
        b.call(Call.DUP3, number(socket), number(3), number(O_CLOEXEC));
        b.jump(Label.at(Interpreter.PROGRAM_START));
    }

    /// The request for a child that holds a new user namespace until its status socket ends.
    public static SyscallProgram userNamespaceHolder(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.MAP_USERS, "hold a user namespace");
        b.call(Call.DUP3, number(STATUS), number(3), number(O_CLOEXEC));
        b.call(Call.CLOSE_RANGE, number(4), number(-1), number(0));
        b.call(Call.READ, number(3), b.zeros(8), number(8));
        fail(b);
        return b.build(requestHeader(CLONE_PIDFD | CLONE_CLEAR_SIGHAND | CLONE_NEWUSER), REQUEST);
    }

    private static void fail(ProgramBuilder b) {
        b.place(b.failure());
        b.call(Call.WRITE, number(3), number(Interpreter.RECORD), number(16)).orGoOn();
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
    }

    /// The request that maps a longer program and goes on there.
    ///
    /// @param header the header of the longer program
    /// @param descriptor the number under which its memfd was passed
    /// @param size its size in bytes
    public static SyscallProgram mapped(
            CpuArchitecture cpu, byte[] header, int descriptor, int size) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.step(SetupStep.SUPERVISE, "map a program of " + size + " bytes");
        b.call(Call.DUP3, number(STATUS), number(3), number(O_CLOEXEC));
        int readWrite = 3;
        int privateFixed = 0x12;
        b.call(
                Call.MMAP,
                number(MAPPED),
                number(size),
                number(readWrite),
                number(privateFixed),
                number(descriptor),
                number(0));
        b.jump(Label.at(MAPPED + HEADER_SIZE));
        fail(b);
        return b.build(header, REQUEST);
    }
}
