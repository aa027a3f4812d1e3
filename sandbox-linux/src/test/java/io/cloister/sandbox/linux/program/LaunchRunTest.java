package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.program.Launches.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs compiled launches against a kernel that the test plays.
class LaunchRunTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;

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
        PlayedLaunch played = PlayedLaunch.of(Kind.STRICT, true);
        played.executed.putAll(Map.of("/a/p", a, "/b/p", b, "/c/p", c));
        assertThat(played.run()).isEqualTo(1);
        assertThat(String.join(" ", played.tried)).isEqualTo(tried);
        assertThat(played.errno()).isEqualTo(errno);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.EXECUTE);
        assertThat(played.failedStep().detail()).isEqualTo("p");
    }

    @Test
    void aWorkDirectoryThatIsNotThereIsToldAndNothingIsExecuted() {
        PlayedLaunch played = PlayedLaunch.of(Kind.HOST_MOUNT, true);
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
                "CHROOT",
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
                "OPENAT",
                "OPENAT2",
                "FCNTL",
                "CLOCK_GETTIME",
                "SYMLINKAT",
                "IOCTL"
            })
    void aCallThatIsRefusedEndsTheLaunchBeforeAnythingIsExecuted(Call call) {
        PlayedLaunch played = PlayedLaunch.of(Kind.BINDS, true);
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
        PlayedLaunch played = PlayedLaunch.of(Kind.STRICT, true);
        played.run();
        List<Long> dropped =
                played.machine.made.stream()
                        .filter(made -> made.call() == Call.PRCTL)
                        .filter(made -> made.arguments().get(0) == Linux.PR_CAPBSET_DROP)
                        .map(made -> made.arguments().get(1))
                        .toList();
        assertThat(dropped)
                .hasSize(PlayedLaunch.LAST_CAPABILITY + 2)
                .startsWith(0L, 1L)
                .endsWith(41L);
    }

    @Test
    void aBoundingSetThatCannotBeEmptiedFailsTheLaunch() {
        PlayedLaunch played = PlayedLaunch.of(Kind.HOST_USER, true);
        played.answers.put(
                Call.PRCTL, (_, a) -> a[0] == Linux.PR_CAPBSET_DROP ? Errno.EPERM.negated() : 0);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.failedStep().detail()).isEqualTo("empty the bounding set");
        assertThat(played.errno()).isEqualTo(Errno.EPERM.number());
        assertThat(played.tried).isEmpty();
    }

    @Test
    void aSourceThatIsAnotherInodeByNowIsStale() {
        PlayedLaunch played = PlayedLaunch.of(Kind.BINDS, true);
        played.inode = 55;
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.ESTALE.number());
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.MOUNT);
        assertThat(played.failedStep().detail()).startsWith("/srv/a -> /a");
        assertThat(played.tried).isEmpty();
    }

    @Test
    void aFileThatDoesNotFitFailsForWantOfSpace() {
        PlayedLaunch played = PlayedLaunch.of(Kind.BINDS, true);
        played.written64 = 3;
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.ENOSPC.number());
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.FILE);
    }

    @Test
    void aProcessThatCannotMakeItsGroupTheRootSaysSo() {
        SyscallProgram setUp = Launches.grouped(Kind.STRICT.plan, X86);
        PlayedLaunch played =
                new PlayedLaunch(
                        LaunchCompiler.link(
                                setUp,
                                Execution.of(SandboxSpec.strict(), Command.of("p")),
                                Launches.FILTER),
                        true);
        played.refused.put(Call.UNSHARE, -28L);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.CREATE_NAMESPACES);
        assertThat(played.errno()).isEqualTo(Errno.ENOSPC.number());
        assertThat(played.tried).isEmpty();
    }

    @Test
    void aLauncherThatIsGoneIsNoticedBeforeTheCommandStarts() {
        PlayedLaunch played = PlayedLaunch.of(Kind.STRICT, true);
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
                    return a[0] == Linux.PR_CAPBSET_DROP && a[1] > PlayedLaunch.LAST_CAPABILITY
                            ? -22
                            : 0;
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
