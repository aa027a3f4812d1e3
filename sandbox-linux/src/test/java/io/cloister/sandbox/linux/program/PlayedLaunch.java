package io.cloister.sandbox.linux.program;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.linux.program.Launches.Kind;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A kernel on which everything works, until it is told otherwise.
final class PlayedLaunch {

    static final int LAST_CAPABILITY = 40;
    static final int CHILD = 2;
    static final int PIDFD = 77;
    static final int LISTENER = 78;
    static final int FIRST_FILESYSTEM = 40;
    static final int REPORT_SIZE = 48 + 144 + 32;
    private static final int RUSAGE_SIZE = 144;
    private static final int ROOT_INODE = 100;
    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;

    final Map<Call, Long> refused = new HashMap<>();

    /// Who answers a call in its place.
    final Map<Call, Machine.Answers> answers = new HashMap<>();

    final Map<String, Long> executed = new HashMap<>();
    final List<String> tried = new ArrayList<>();
    final List<Long> written = new ArrayList<>();
    private final LaunchProgram program;
    private final boolean child;
    final Machine machine;
    long[] reaped = {7, CHILD};
    private int reapedCount;

    private long clockReads;
    private long filesystems;

    /// A root has inode 100, the first source 101, the next 102.
    long inode = 101;

    long written64 = Long.MAX_VALUE;

    /// Another filter of the host's has a listener.
    boolean heardElsewhere;

    PlayedLaunch(LaunchProgram program, boolean child) {
        this.program = program;
        this.child = child;
        machine = new Machine(X86, this::answer).load(program.setUp());
        machine.load(program.execution());
    }

    /// A launch of `p`, which is looked for in /a, /b and /c.
    ///
    /// @param child whether the program runs as the command, or as the first process
    static PlayedLaunch of(Kind kind, boolean child) {
        Command command = Command.of("p").environment("PATH", "/a:/b:/c");
        PlayedLaunch played = new PlayedLaunch(Launches.link(kind, X86, command), child);
        if (kind == Kind.DIRECTORY_ROOT) {
            played.inode = ROOT_INODE;
        }
        return played;
    }

    long run() {
        return machine.run(program.setUp().start());
    }

    private long answer(Call call, long[] a) {
        if (refused.containsKey(call)) {
            return refused.get(call);
        }
        if (answers.containsKey(call)) {
            return answers.get(call).answer(call, a);
        }
        return switch (call) {
            case CLONE3 -> {
                // struct clone_args: flags, pidfd
                machine.set(machine.word(a[0] + 8), PIDFD);
                yield child ? 0 : CHILD;
            }
            case CLOCK_GETTIME -> {
                clockReads++;
                machine.set(a[1], 100 * clockReads);
                machine.set(a[1] + 8, clockReads);
                yield 0;
            }
            case FSTATFS -> {
                // f_bfree, f_ffree
                machine.set(a[1] + 24, 1000 + a[0]);
                machine.set(a[1] + 48, 2000 + a[0]);
                yield 0;
            }
            case GETRUSAGE -> {
                // ru_utime, ru_nivcsw
                machine.set(a[1], a[0] == Linux.RUSAGE_CHILDREN ? 11 : 12);
                machine.set(a[1] + RUSAGE_SIZE - 8, a[0] == Linux.RUSAGE_CHILDREN ? 21 : 22);
                yield 0;
            }
            case EXECVE -> {
                String path = machine.text(a[0]);
                tried.add(path);
                yield executed.getOrDefault(path, -2L);
            }
            case PRCTL -> a[0] == Linux.PR_CAPBSET_DROP && a[1] > LAST_CAPABILITY ? -22 : 0;
            case SECCOMP -> {
                boolean listens = (a[1] & Linux.SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
                yield listens ? heardElsewhere ? -16 : LISTENER : 0;
            }
            // The answer of the JVM that has written the maps of users.
            case READ -> 8;
            case WAIT4 -> reapedCount < reaped.length ? reaped[reapedCount++] : -10;
            case STATX -> {
                machine.set(a[4] + 32, inode++);
                machine.set(a[4] + 136, 0x801);
                yield 0;
            }
            case PWRITE64 -> {
                written.add(a[2]);
                yield a[3] > 0 ? -28 : Math.min(a[2], written64);
            }
            case FCNTL -> FIRST_FILESYSTEM + filesystems++;
            case OPENAT -> isScratch(a) ? FIRST_FILESYSTEM + filesystems++ : 9;
            case OPENAT2, OPEN_TREE, FSOPEN, FSMOUNT, SOCKET -> 9;
            default -> 0;
        };
    }

    /// Sources are absolute, and files are not opened by O_PATH.
    private boolean isScratch(long[] a) {
        return (a[2] & Linux.O_PATH) != 0 && !machine.text(a[1]).startsWith("/");
    }

    Machine.Made last(Call call) {
        return machine.made.stream().filter(made -> made.call() == call).toList().getLast();
    }

    long errno() {
        return -machine.word(Interpreter.RECORD + 8);
    }

    Step failedStep() {
        return program.stepAt(machine.word(Interpreter.RECORD)).orElseThrow();
    }
}
