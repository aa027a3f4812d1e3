package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.EndReport;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.plan.TestHost;
import io.cloister.sandbox.linux.program.Launches.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs what the first process does while the command runs, against a kernel that the test plays.
class SupervisorRunTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;

    @Test
    void theSupervisorReapsOthersUntilTheCommandEndsThenKillsAndWaitsForAll() {
        PlayedLaunch played = PlayedLaunch.of(Kind.STRICT, false);
        played.reaped = new long[] {7, 8, PlayedLaunch.CHILD, 9, 10};
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
        PlayedLaunch played = PlayedLaunch.of(Kind.STRICT, false);
        played.run();
        Machine.Made report = played.last(Call.WRITE);
        assertThat(report.arguments().get(0)).isEqualTo(3);
        assertThat(report.arguments().get(2)).isEqualTo(PlayedLaunch.REPORT_SIZE);
        assertThat(played.machine.word(report.arguments().get(1))).isEqualTo(StatusTag.ENDED);
    }

    @ParameterizedTest
    @EnumSource
    void theReportHasTheTimesInTheirOrderAndTheUsage(Kind kind) {
        PlayedLaunch played = PlayedLaunch.of(kind, false);
        assertThat(played.run()).isZero();
        long address = played.last(Call.WRITE).arguments().get(1);
        EndReport report = EndReport.read(played.machine.bytes(address, PlayedLaunch.REPORT_SIZE));
        assertThat(report.createdAt()).isEqualTo(100_000_000_001L);
        assertThat(report.startedAt()).isEqualTo(200_000_000_002L);
        assertThat(report.executedAt()).isEqualTo(300_000_000_003L);
        assertThat(report.endedAt()).isEqualTo(400_000_000_004L);
        assertThat(report.used().userTime()).isEqualTo(Duration.ofSeconds(11));
        assertThat(report.used().involuntarySwitches()).isEqualTo(21);
    }

    @ParameterizedTest
    @EnumSource
    void itIsSaidThatTheCommandRunsWithAPidfdAndTheFileSystemsInTheirOrder(Kind kind) {
        PlayedLaunch played = PlayedLaunch.of(kind, false);
        played.run();
        Machine machine = played.machine;
        Machine.Made sent = played.last(Call.SENDMSG);
        assertThat(sent.arguments().get(0)).isEqualTo(3);
        assertThat(sent.arguments().get(2)).isEqualTo(Linux.MSG_NOSIGNAL);
        // struct msghdr: the iovec at 16, its length at 24, the control message at 32, its length
        // at 40
        long header = sent.arguments().get(1);
        long iovec = machine.word(header + 16);
        assertThat(machine.word(header + 24)).isEqualTo(1);
        int filesystems = kind.plan.mounts().filesystems().size();
        long payload = machine.word(iovec);
        assertThat(machine.word(payload)).isEqualTo(StatusTag.STARTED);
        assertThat(machine.word(payload + 8)).isEqualTo(PlayedLaunch.CHILD);
        int length = (int) machine.word(iovec + 8);
        List<StartReport.Room> rooms = new ArrayList<>();
        for (long i = 0; i < filesystems; i++) {
            long descriptor = PlayedLaunch.FIRST_FILESYSTEM + i;
            rooms.add(new StartReport.Room(1000 + descriptor, 2000 + descriptor));
        }
        assertThat(StartReport.read(machine.bytes(payload, length)))
                .isEqualTo(new StartReport(12_000_000_000L, rooms));

        int count = 1 + filesystems;
        long control = machine.word(header + 32);
        // struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; }, then descriptors
        assertThat(machine.word(control)).isEqualTo(16 + 4L * count);
        assertThat(machine.half(control + 8)).isEqualTo(Linux.SOL_SOCKET);
        assertThat(machine.half(control + 12)).isEqualTo(Linux.SCM_RIGHTS);
        assertThat(machine.word(header + 40)).isEqualTo(16 + (4L * count + 7) / 8 * 8);
        assertThat(machine.half(control + 16)).isEqualTo(PlayedLaunch.PIDFD);
        for (int i = 1; i < count; i++) {
            assertThat(machine.half(control + 16 + 4 * i))
                    .isEqualTo(PlayedLaunch.FIRST_FILESYSTEM + i - 1);
        }
    }

    @Test
    void furtherTmpfsMakeTheMessageLonger() {
        for (int count = 0; count < 6; count++) {
            Sandbox.Builder builder = TestHost.spec();
            for (int i = 0; i < count; i++) {
                builder.tmpfs("/t" + i, Bytes.mebibytes(1));
            }
            LaunchPlan plan = TestHost.plan(builder.spec(), TestHost.ORDINARY);
            SyscallProgram setUp = Launches.setUp(plan, Ahead.NOTHING, X86, List.of());
            PlayedLaunch played =
                    new PlayedLaunch(
                            LaunchCompiler.link(
                                    setUp,
                                    Execution.of(SandboxSpec.strict(), Command.of("p")),
                                    Launches.FILTER),
                            false);
            assertThat(played.run()).isZero();
            long header = played.last(Call.SENDMSG).arguments().get(1);
            long control = played.machine.word(header + 32);
            List<Integer> descriptors = new ArrayList<>();
            for (int at = 16; at < played.machine.word(control); at += 4) {
                descriptors.add(played.machine.half(control + at));
            }
            List<Integer> expected = new ArrayList<>(List.of(PlayedLaunch.PIDFD));
            for (int i = 0; i <= count; i++) {
                expected.add(PlayedLaunch.FIRST_FILESYSTEM + i);
            }
            assertThat(descriptors).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstProcessLooksAtRoomAndItsOwnUsageBeforeTheCommandExists(Kind kind) {
        PlayedLaunch played = PlayedLaunch.of(kind, false);
        played.run();
        List<Call> calls = played.machine.calls();
        assertThat(calls.stream().filter(Call.FSTATFS::equals))
                .hasSameSizeAs(kind.plan.mounts().filesystems());
        assertThat(calls.lastIndexOf(Call.FSTATFS)).isLessThan(calls.indexOf(Call.CLONE3));
        assertThat(calls.indexOf(Call.GETRUSAGE))
                .isGreaterThan(calls.indexOf(Call.CAPSET))
                .isLessThan(calls.indexOf(Call.CLONE3));
    }

    @Test
    void theSupervisorKeepsNoDescriptorButTheStatusSocketWhileTheCommandRuns() {
        PlayedLaunch played = PlayedLaunch.of(Kind.DIRECTORY_ROOT, false);
        played.run();
        List<Machine.Made> made = played.machine.made;
        int sent = made.indexOf(played.last(Call.SENDMSG));
        assertThat(made.get(sent + 1).arguments()).startsWith(0L, 2L, 0L);
        assertThat(made.get(sent + 2).arguments()).startsWith(4L, -1L, 0L);
    }

    @Test
    void theSupervisorThatIsNoProcessOneAsksForTheEndOfTheRest() {
        PlayedLaunch played = PlayedLaunch.of(Kind.HOST_PID_WITHOUT_LANDLOCK, false);
        // One that still runs, when the command has ended.
        played.reaped = new long[] {7, PlayedLaunch.CHILD, 0, 8};
        assertThat(played.run()).isZero();
        assertThat(played.machine.calls()).doesNotContain(Call.KILL);
        assertThat(written(played)).endsWith(16L, (long) PlayedLaunch.REPORT_SIZE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"STRICT", "HOST_PID"})
    void aSignalThatIsAskedForIsSentToAllAndTheWaitGoesOn(Kind kind) {
        PlayedLaunch played = PlayedLaunch.of(kind, false);
        played.reaped = new long[] {0, 0, 0, PlayedLaunch.CHILD};
        long[] taken = {Linux.SIGNAL_ALL, -4, Linux.SIGCHLD};
        int[] count = {0};
        played.answers.put(
                Call.RT_SIGTIMEDWAIT,
                (_, a) -> {
                    // si_value of siginfo_t
                    played.machine.set(a[1] + 24, 12);
                    return taken[count[0]++];
                });
        assertThat(played.run()).isZero();
        assertThat(count[0]).isEqualTo(3);
        List<List<Long>> kills =
                played.machine.made.stream()
                        .filter(made -> made.call() == Call.KILL)
                        .map(made -> made.arguments().subList(0, 2))
                        .toList();
        assertThat(kills.getFirst()).containsExactly(-1L, 12L);
        assertThat(kills.subList(1, kills.size())).containsOnly(List.of(-1L, 9L));
    }

    @ParameterizedTest
    @EnumSource
    void signalsAreBlockedBeforeAnybodyHearsOfTheCommand(Kind kind) {
        PlayedLaunch played = PlayedLaunch.of(kind, false);
        played.run();
        List<Call> calls = played.machine.calls();
        if (kind == Kind.HOST_PID_WITHOUT_LANDLOCK) {
            assertThat(calls).doesNotContain(Call.RT_SIGPROCMASK);
        } else {
            // After the command was made, which would inherit it.
            assertThat(calls.indexOf(Call.RT_SIGPROCMASK))
                    .isGreaterThan(calls.indexOf(Call.CLONE3))
                    .isLessThan(calls.indexOf(Call.SENDMSG));
        }
    }

    @Test
    void whereNothingIsLeftItDoesNotAsk() {
        PlayedLaunch played = PlayedLaunch.of(Kind.HOST_PID_WITHOUT_LANDLOCK, false);
        assertThat(played.run()).isZero();
        assertThat(written(played)).doesNotContain(16L).endsWith((long) PlayedLaunch.REPORT_SIZE);
    }

    private static List<Long> written(PlayedLaunch played) {
        return played.machine.made.stream()
                .filter(made -> made.call() == Call.WRITE)
                .map(made -> made.arguments().get(2))
                .toList();
    }
}
