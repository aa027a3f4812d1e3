package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.plan.TestHost;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

class ZygoteProgramTest {

    private static final long ENOSPC = -28;
    private static final long EAGAIN = -11;

    @ParameterizedTest
    @EnumSource
    void theLoopStandsBehindTheRecordAndBelowItsReservedWords(CpuArchitecture cpu) {
        SyscallProgram loop = ZygoteProgram.loop(cpu);
        assertThat(loop.base()).isEqualTo(Interpreter.DATA);
        assertThat(loop.start()).isEqualTo(Interpreter.PROGRAM_START);
        assertThat(loop.base() + loop.size()).isLessThanOrEqualTo(ZygoteProgram.MAKES_NETWORKS);
        assertThat(loop.header()).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void everySmallRequestFitsIntoTheRoomForRequests(CpuArchitecture cpu) {
        for (SyscallProgram request :
                List.of(
                        slot(cpu, Integer.MAX_VALUE, Integer.MAX_VALUE),
                        ZygoteProgram.userNamespaceHolder(cpu),
                        ZygoteProgram.mapped(cpu, new byte[128], 99, Integer.MAX_VALUE),
                        prepared(cpu, ZygoteProgram.REQUEST))) {
            assertThat(request.base()).isEqualTo(ZygoteProgram.REQUEST);
            assertThat(request.start())
                    .isEqualTo(ZygoteProgram.REQUEST + ZygoteProgram.HEADER_SIZE);
            assertThat(request.size()).isLessThanOrEqualTo(ZygoteProgram.REQUEST_SIZE);
        }
        assertThat(prepared(cpu, ZygoteProgram.MAPPED).base()).isEqualTo(ZygoteProgram.MAPPED);
    }

    private static SyscallProgram slot(CpuArchitecture cpu, int uid, int gid) {
        return ZygoteProgram.slot(cpu, uid, gid, true, false);
    }

    private static SyscallProgram prepared(CpuArchitecture cpu, int at) {
        return ZygoteProgram.prepared(
                cpu,
                TestHost.plan(SandboxSpec.strict(), TestHost.ORDINARY).mounts().base().steps(),
                1000,
                1000,
                at);
    }

    @ParameterizedTest
    @EnumSource
    void aRequestBeginsWithCloneArgumentsThatPutThePidfdIntoTheAnswer(CpuArchitecture cpu) {
        ByteBuffer header =
                ByteBuffer.wrap(slot(cpu, 1, 1).header()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(header.capacity()).isEqualTo(ZygoteProgram.HEADER_SIZE);
        assertThat(header.getLong(0)).isEqualTo(Linux.CLONE_PIDFD | Linux.CLONE_CLEAR_SIGHAND);
        assertThat(header.getLong(8))
                .isBetween((long) ZygoteProgram.MAKES_NETWORKS, (long) ZygoteProgram.REQUEST - 4);
        assertThat(header.getLong(32)).isEqualTo(Linux.SIGCHLD);
    }

    @ParameterizedTest
    @EnumSource
    void aSlotBecomesItsUserBeforeItServes(CpuArchitecture cpu) {
        SyscallProgram slot = slot(cpu, 77, 78);
        Machine machine = new Machine(cpu, (_, _) -> 0).load(slot);
        machine.load(ZygoteProgram.loop(cpu).base(), exitAtOnce(cpu));
        machine.run(slot.start());
        assertThat(machine.calls())
                .containsSubsequence(
                        Call.SETGROUPS,
                        Call.SETRESGID,
                        Call.SETRESUID,
                        Call.PRCTL,
                        Call.WRITE,
                        Call.DUP3);
        assertThat(arguments(machine, Call.SETGROUPS).getFirst()).startsWith(0L);
        assertThat(arguments(machine, Call.SETRESGID).getFirst()).startsWith(78L, 78L, 78L);
        assertThat(arguments(machine, Call.SETRESUID).getFirst()).startsWith(77L, 77L, 77L);
    }

    @ParameterizedTest
    @EnumSource
    void aSlotOfTheSameUserStaysWhatTheLauncherIs(CpuArchitecture cpu) {
        SyscallProgram slot = ZygoteProgram.slot(cpu, 77, 78, false, false);
        Machine machine = new Machine(cpu, (_, _) -> 0).load(slot);
        machine.load(ZygoteProgram.loop(cpu).base(), exitAtOnce(cpu));
        machine.run(slot.start());
        assertThat(machine.calls())
                .doesNotContain(Call.SETGROUPS, Call.SETRESGID, Call.SETRESUID)
                .containsSubsequence(Call.DUP3, Call.PPOLL, Call.WRITE, Call.DUP3);
        assertThat(arguments(machine, Call.PRCTL))
                .singleElement()
                .satisfies(a -> assertThat(a.getFirst()).isEqualTo(Linux.PR_SET_PDEATHSIG));
        assertThat(slot.steps()).noneMatch(step -> step.detail().startsWith("host user"));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void aSlotIsBornIntoTheControlGroupThatIsPassedBehindItsSocket(boolean drop, boolean group) {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            ByteBuffer header =
                    ByteBuffer.wrap(ZygoteProgram.slot(cpu, 1, 2, drop, group).header())
                            .order(ByteOrder.LITTLE_ENDIAN);
            long flags = Linux.CLONE_PIDFD | Linux.CLONE_CLEAR_SIGHAND;
            assertThat(header.getLong(0))
                    .isEqualTo(group ? flags | Linux.CLONE_INTO_CGROUP : flags);
            // struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack,
            // stack_size, tls, set_tid, set_tid_size, cgroup. The status socket is 5, the other 6.
            assertThat(header.getLong(80)).isEqualTo(7);
            assertThat(header.getLong(32)).isEqualTo(Linux.SIGCHLD);
            for (int zero : new int[] {16, 24, 40, 48, 56, 64, 72, 88, 96, 104, 112, 120}) {
                assertThat(header.getLong(zero)).as("at %d", zero).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSlotServesOnTheSocketBehindItsStatusSocket(CpuArchitecture cpu) {
        for (boolean drop : new boolean[] {true, false}) {
            SyscallProgram slot = ZygoteProgram.slot(cpu, 7, 8, drop, true);
            Machine machine = new Machine(cpu, (_, _) -> 0).load(slot);
            machine.load(ZygoteProgram.loop(cpu).base(), exitAtOnce(cpu));
            machine.run(slot.start());
            List<List<Long>> moved = arguments(machine, Call.DUP3);
            assertThat(moved).hasSize(2);
            assertThat(moved.getFirst()).startsWith(5L, 3L, (long) Linux.O_CLOEXEC);
            assertThat(moved.getLast()).startsWith(6L, 3L, (long) Linux.O_CLOEXEC);
            List<Long> started = arguments(machine, Call.WRITE).getFirst();
            assertThat(machine.word(started.get(1))).isEqualTo(StatusTag.STARTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSlotThatCannotBecomeItsUserSaysSoAndEnds(CpuArchitecture cpu) {
        SyscallProgram slot = slot(cpu, 77, 78);
        Machine machine = new Machine(cpu, (call, _) -> call == Call.SETRESUID ? -1 : 0).load(slot);
        assertThat(machine.run(slot.start())).isEqualTo(1);
        assertThat(machine.calls()).endsWith(Call.SETRESUID, Call.WRITE, Call.EXIT_GROUP);
        assertThat(slot.stepAt(machine.word(Interpreter.RECORD)))
                .hasValueSatisfying(
                        step -> assertThat(step.detail()).isEqualTo("host user 77, group 78"));
    }

    /// A loop that is not run: exit_group instead of the first operation.
    private static byte[] exitAtOnce(CpuArchitecture cpu) {
        ProgramBuilder b = new ProgramBuilder(cpu);
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, Argument.number(0));
        return b.build(new byte[Interpreter.RECORD_SIZE], Interpreter.DATA).encode();
    }

    private static List<List<Long>> arguments(Machine machine, Call call) {
        return machine.made.stream()
                .filter(made -> made.call() == call)
                .map(Machine.Made::arguments)
                .toList();
    }

    /// A launcher, and how many requests it gets.
    private static final class Launcher {
        final Machine machine;
        final List<String> events = new ArrayList<>();
        private int requests;
        private long cloneResult = 4711;
        private int networksRefused;

        Launcher(CpuArchitecture cpu, int requests, boolean makesNetworks) {
            this.requests = requests;
            SyscallProgram loop = ZygoteProgram.loop(cpu);
            machine = new Machine(cpu, this::answer).load(loop);
            machine.set(ZygoteProgram.MAKES_NETWORKS, makesNetworks ? 1 : 0);
        }

        List<String> run() {
            assertThat(machine.run(Interpreter.PROGRAM_START)).isZero();
            return events;
        }

        private long answer(Call call, long[] a) {
            switch (call) {
                case RECVMSG -> {
                    return requests-- > 0 ? 500 : 0;
                }
                case CLONE3 -> {
                    events.add("clone");
                    return cloneResult;
                }
                case UNSHARE -> {
                    if (networksRefused > 0) {
                        networksRefused--;
                        events.add("no network");
                        return ENOSPC;
                    }
                    events.add("network");
                    return 0;
                }
                case SENDMSG -> {
                    // struct msghdr: the iovec at 16, the length of the control message at 40
                    long payload = machine.word(machine.word(a[1] + 16));
                    long control = machine.word(a[1] + 40);
                    events.add("answer " + machine.word(payload + 8) + " " + (control > 0));
                    return 16;
                }
                default -> {
                    return 0;
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachRequestIsAnsweredWithThePidAndAPidfd(CpuArchitecture cpu) {
        assertThat(new Launcher(cpu, 2, false).run())
                .containsExactly("clone", "answer 4711 true", "clone", "answer 4711 true");
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatTheKernelRefusesIsAnsweredWithTheErrorAndWithoutADescriptor(
            CpuArchitecture cpu) {
        Launcher launcher = new Launcher(cpu, 1, false);
        launcher.cloneResult = EAGAIN;
        assertThat(launcher.run()).containsExactly("clone", "answer -11 false");
    }

    @ParameterizedTest
    @EnumSource
    void aMessageShorterThanAHeaderEndsTheLauncher(CpuArchitecture cpu) {
        Machine machine =
                new Machine(
                                cpu,
                                (call, _) ->
                                        call == Call.RECVMSG ? ZygoteProgram.HEADER_SIZE - 1 : 0)
                        .load(ZygoteProgram.loop(cpu));
        machine.run(Interpreter.PROGRAM_START);
        assertThat(machine.calls()).doesNotContain(Call.CLONE3).endsWith(Call.EXIT_GROUP);
    }

    @ParameterizedTest
    @EnumSource
    void aPreparedLauncherMakesAnotherNetworkBehindEachSandbox(CpuArchitecture cpu) {
        assertThat(new Launcher(cpu, 2, true).run())
                .containsExactly(
                        "clone",
                        "answer 4711 true",
                        "network",
                        "clone",
                        "answer 4711 true",
                        "network");
    }

    @ParameterizedTest
    @EnumSource
    void aNetworkThatCouldNotBeMadeIsTriedAgainForTheNextRequest(CpuArchitecture cpu) {
        Launcher launcher = new Launcher(cpu, 2, true);
        launcher.networksRefused = 1;
        assertThat(launcher.run())
                .containsExactly(
                        "clone",
                        "answer 4711 true",
                        "no network",
                        "network",
                        "clone",
                        "answer 4711 true",
                        "network");
    }

    @ParameterizedTest
    @EnumSource
    void twoSandboxesNeverShareANetwork(CpuArchitecture cpu) {
        for (int refused = 1; refused <= 5; refused++) {
            Launcher launcher = new Launcher(cpu, 4, true);
            launcher.networksRefused = refused;
            boolean fresh = true;
            for (String event : launcher.run()) {
                if (event.equals("clone")) {
                    assertThat(fresh).as("%d %s", refused, launcher.events).isTrue();
                    fresh = false;
                } else if (event.equals("network")) {
                    fresh = true;
                }
            }
            assertThat(launcher.events).contains("no network");
            if (refused > 1) {
                assertThat(launcher.events).contains("answer -28 false");
            }
        }
    }
}
