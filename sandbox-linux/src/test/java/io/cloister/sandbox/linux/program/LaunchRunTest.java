package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.program.Launches.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs compiled launches against a kernel that the test plays.
class LaunchRunTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final int LAST_CAPABILITY = 40;
    private static final int CHILD = 2;

    /// A kernel on which everything works, until it is told otherwise.
    private static final class Played {
        final Map<Call, Long> refused = new HashMap<>();
        final Map<String, Long> executed = new HashMap<>();
        final List<String> tried = new ArrayList<>();
        final List<Long> written = new ArrayList<>();
        private final LaunchProgram program;
        private final boolean child;
        private final Machine machine;
        private long[] reaped = {7, CHILD};
        private int reapedCount;

        /// The first source has inode 101, the next 102.
        private long inode = 101;

        private long written64 = Long.MAX_VALUE;

        Played(LaunchProgram program, boolean child) {
            this.program = program;
            this.child = child;
            machine = new Machine(X86, this::answer).load(program.setUp());
            machine.load(program.execution());
        }

        long run() {
            return machine.run(program.setUp().start());
        }

        private long answer(Call call, long[] a) {
            if (refused.containsKey(call)) {
                return refused.get(call);
            }
            return switch (call) {
                case CLONE3 -> child ? 0 : CHILD;
                case EXECVE -> {
                    String path = machine.text(a[0]);
                    tried.add(path);
                    yield executed.getOrDefault(path, -2L);
                }
                case PRCTL -> a[0] == Linux.PR_CAPBSET_DROP && a[1] > LAST_CAPABILITY ? -22 : 0;
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
                case OPENAT, OPENAT2, OPEN_TREE, FSOPEN, FSMOUNT, SOCKET, FCNTL -> 9;
                default -> 0;
            };
        }

        long errno() {
            return -machine.word(Interpreter.RECORD + 8);
        }

        Step failedStep() {
            return program.stepAt(machine.word(Interpreter.RECORD)).orElseThrow();
        }
    }

    private static Played played(Kind kind, boolean child) {
        Command command = Command.of("p").environment("PATH", "/a:/b:/c");
        return new Played(Launches.link(kind, X86, command), child);
    }

    @ParameterizedTest
    @CsvSource({
        // what execve says of /a/p, /b/p and /c/p; what was tried; what is told
        "-2, -2, -2, /a/p /b/p /c/p, 2",
        "-2, -20, -2, /a/p /b/p /c/p, 2",
        "-13, -2, -2, /a/p /b/p /c/p, 13",
        "-2, -13, -20, /a/p /b/p /c/p, 13",
        "-8, -2, -2, /a/p, 8",
        "-2, -7, -2, /a/p /b/p, 7",
        "-13, -12, -2, /a/p /b/p, 12"
    })
    void aNameIsLookedForAsExecvpDoes(long a, long b, long c, String tried, int errno) {
        Played played = played(Kind.STRICT, true);
        played.executed.putAll(Map.of("/a/p", a, "/b/p", b, "/c/p", c));
        assertThat(played.run()).isEqualTo(1);
        assertThat(String.join(" ", played.tried)).isEqualTo(tried);
        assertThat(played.errno()).isEqualTo(errno);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.EXECUTE);
        assertThat(played.failedStep().detail()).isEqualTo("p");
    }

    @Test
    void aWorkDirectoryThatIsNotThereIsToldAndNothingIsExecuted() {
        Played played = played(Kind.HOST_MOUNT, true);
        played.refused.put(Call.CHDIR, -2L);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.tried).isEmpty();
        assertThat(played.failedStep()).isEqualTo(new Step(SetupStep.WORK_DIRECTORY, 1, "/tmp"));
        assertThat(played.errno()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Call.class,
            names = {
                "DUP3",
                "PRCTL",
                "FSOPEN",
                "FSCONFIG",
                "FSMOUNT",
                "MOVE_MOUNT",
                "MKDIRAT",
                "OPEN_TREE",
                "MOUNT_SETATTR",
                "PIVOT_ROOT",
                "UMOUNT2",
                "SETHOSTNAME",
                "CAPSET",
                "UMASK",
                "KEYCTL",
                "PPOLL",
                "CLONE3",
                "SETSID",
                "PRLIMIT64",
                "SECCOMP",
                "CLOSE_RANGE",
                "STATX",
                "OPENAT2",
                "SYMLINKAT",
                "IOCTL"
            })
    void aCallThatIsRefusedEndsTheLaunchBeforeAnythingIsExecuted(Call call) {
        Played played = played(Kind.BINDS, true);
        played.refused.put(call, -1L);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.tried).isEmpty();
        assertThat(played.errno()).isEqualTo(1);
        List<Call> calls = played.machine.calls();
        assertThat(calls.subList(calls.size() - 3, calls.size()))
                .containsExactly(call, Call.WRITE, Call.EXIT_GROUP);
    }

    @Test
    void theBoundingSetIsEmptiedUpToTheLastCapabilityOfTheKernel() {
        Played played = played(Kind.STRICT, true);
        played.run();
        List<Long> dropped =
                played.machine.made.stream()
                        .filter(made -> made.call() == Call.PRCTL)
                        .filter(made -> made.arguments().get(0) == Linux.PR_CAPBSET_DROP)
                        .map(made -> made.arguments().get(1))
                        .toList();
        assertThat(dropped).hasSize(LAST_CAPABILITY + 2).startsWith(0L, 1L).endsWith(41L);
    }

    @Test
    void aSourceThatIsAnotherInodeByNowIsStale() {
        Played played = played(Kind.BINDS, true);
        played.inode = 55;
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.ESTALE.number());
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.MOUNT);
        assertThat(played.failedStep().detail()).startsWith("/srv/a -> /a");
        assertThat(played.tried).isEmpty();
    }

    @Test
    void aFileThatDoesNotFitFailsForWantOfSpace() {
        Played played = played(Kind.BINDS, true);
        played.written64 = 3;
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.ENOSPC.number());
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.FILE);
    }

    @Test
    void theSupervisorReapsOthersUntilTheCommandEndsThenKillsAndWaitsForAll() {
        Played played = played(Kind.STRICT, false);
        played.reaped = new long[] {7, 8, CHILD, 9, 10};
        assertThat(played.run()).isZero();
        List<Call> calls = played.machine.calls();
        List<Call> end = calls.subList(calls.indexOf(Call.SENDMSG), calls.size());
        assertThat(end)
                .containsExactly(
                        Call.SENDMSG,
                        Call.CLOSE_RANGE,
                        Call.CLOSE_RANGE,
                        Call.WAIT4,
                        Call.WAIT4,
                        Call.WAIT4,
                        Call.CLOCK_GETTIME,
                        Call.KILL,
                        Call.WAIT4,
                        Call.KILL,
                        Call.WAIT4,
                        Call.KILL,
                        Call.WAIT4,
                        Call.GETRUSAGE,
                        Call.WRITE,
                        Call.SCHED_YIELD,
                        Call.EXIT_GROUP);
    }

    @Test
    void theReportIsTaggedAndGoesToTheStatusSocket() {
        Played played = played(Kind.STRICT, false);
        played.run();
        Machine.Made report =
                played.machine.made.stream()
                        .filter(made -> made.call() == Call.WRITE)
                        .toList()
                        .getLast();
        assertThat(report.arguments().get(0)).isEqualTo(3);
        assertThat(report.arguments().get(2)).isEqualTo(48 + 144);
        assertThat(played.machine.word(report.arguments().get(1))).isEqualTo(StatusTag.ENDED);
    }

    @Test
    void theSupervisorThatIsNoProcessOneAsksForTheEndOfTheRest() {
        Played played = played(Kind.HOST_PID, false);
        assertThat(played.run()).isZero();
        assertThat(played.machine.calls()).doesNotContain(Call.KILL);
        assertThat(played.machine.made.stream().filter(made -> made.call() == Call.WRITE))
                .extracting(made -> made.arguments().get(2))
                .endsWith(16L, 192L);
    }

    @Test
    void aLauncherThatIsGoneIsNoticedBeforeTheCommandStarts() {
        Played played = played(Kind.STRICT, true);
        played.refused.put(Call.PPOLL, 1L);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.machine.calls()).endsWith(Call.PPOLL, Call.EXIT_GROUP);
        assertThat(played.tried).isEmpty();
    }

    @Test
    void furtherDescriptorsAreMovedOutOfTheWayBeforeTheyGoToTheirPlaces() {
        List<Integer> further = List.of(9, 6, 7, 3);
        SyscallProgram setUp = Launches.setUp(Kind.HOST_MOUNT.plan, Ahead.NOTHING, X86, further);
        DescriptorTable table = new DescriptorTable(further.size());
        Machine machine = new Machine(X86, table::answer).load(setUp);
        machine.load(setUp.base() + setUp.size(), exit());
        machine.run(setUp.start());
        assertThat(table.passedOn())
                .isEqualTo(
                        Map.of(
                                0,
                                "stdin",
                                1,
                                "stdout",
                                2,
                                "stderr",
                                9,
                                "further0",
                                6,
                                "further1",
                                7,
                                "further2",
                                3,
                                "further3"));
    }

    private static byte[] exit() {
        ProgramBuilder b = new ProgramBuilder(X86);
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, Argument.number(0));
        return b.build(new byte[0], Launches.BASE).encode();
    }

    /// The descriptors of a process; those with a star are closed by execve.
    private static final class DescriptorTable {
        private final Map<Integer, String> table = new HashMap<>();

        DescriptorTable(int further) {
            table.put(LaunchCompiler.FIRST_PASSED, "status*");
            List<String> standard = List.of("stdin", "stdout", "stderr");
            for (int i = 0; i < 3; i++) {
                table.put(LaunchCompiler.FIRST_PASSED + 1 + i, standard.get(i) + "*");
            }
            for (int i = 0; i < further; i++) {
                table.put(LaunchCompiler.FIRST_PASSED + 4 + i, "further" + i + "*");
            }
        }

        long answer(Call call, long[] a) {
            switch (call) {
                case DUP3 -> {
                    String name = table.get((int) a[0]).replace("*", "");
                    table.put((int) a[1], a[2] == 0 ? name : name + "*");
                    return a[1];
                }
                case FCNTL -> {
                    int free = (int) a[2];
                    while (table.containsKey(free)) {
                        free++;
                    }
                    table.put(free, table.get((int) a[0]).replace("*", "") + "*");
                    return free;
                }
                case CLOSE_RANGE -> {
                    assertThat(a).startsWith(3L, -1L, (long) Linux.CLOSE_RANGE_CLOEXEC);
                    table.replaceAll(
                            (fd, name) -> fd < 3 || name.endsWith("*") ? name : name + "*");
                    return 0;
                }
                case CLOSE -> {
                    table.remove((int) a[0]);
                    return 0;
                }
                case PRCTL -> {
                    return a[0] == Linux.PR_CAPBSET_DROP && a[1] > LAST_CAPABILITY ? -22 : 0;
                }
                default -> {
                    return 0;
                }
            }
        }

        Map<Integer, String> passedOn() {
            Map<Integer, String> open = new HashMap<>(table);
            open.values().removeIf(name -> name.endsWith("*"));
            return open;
        }
    }
}
