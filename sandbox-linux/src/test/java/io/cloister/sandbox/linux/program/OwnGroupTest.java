package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Launches.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.CommandUser;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.TestHost;
import io.cloister.sandbox.linux.program.Launches.Kind;
import io.cloister.sandbox.linux.program.Launches.Made;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a launch has for its limits: a control group of its own, and file systems to watch.
class OwnGroupTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;

    private static long flags(SyscallProgram program) {
        return ByteBuffer.wrap(program.header()).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    private static long word(SyscallProgram program, long address) {
        return ByteBuffer.wrap(program.data())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong((int) address - program.dataAddress());
    }

    @ParameterizedTest
    @EnumSource
    void aProcessWithAGroupOfItsOwnIsBornIntoItAndMakesItTheRootItself(Kind kind) {
        SyscallProgram plain = kind.setUp(X86);
        SyscallProgram grouped = Launches.grouped(kind.plan, X86);
        assertThat(flags(plain) & Linux.CLONE_INTO_CGROUP).isZero();
        assertThat(flags(grouped))
                .isEqualTo(flags(plain) & ~Linux.CLONE_NEWCGROUP | Linux.CLONE_INTO_CGROUP);

        assertThat(unsharesOfGroups(plain)).isEmpty();
        assertThat(kind.plan.isNew(Namespace.CGROUP)).isTrue();
        List<Call> order = calls(grouped).stream().map(Made::call).toList();
        assertThat(order).startsWith(Call.CLOCK_GETTIME, Call.DUP3, Call.UNSHARE);
        assertThat(unsharesOfGroups(grouped))
                .singleElement()
                .satisfies(made -> {
                    assertThat(made.operation().jump()).isEqualTo(grouped.failure());
                    assertThat(made.step().kind()).isEqualTo(SetupStep.CREATE_NAMESPACES);
                    assertThat(made.step().detail()).isEqualTo("cgroup");
                });
        List<Call> without = new ArrayList<>(order);
        without.remove(2);
        assertThat(without).isEqualTo(calls(plain).stream().map(Made::call).toList());
    }

    private static List<Made> unsharesOfGroups(SyscallProgram program) {
        return calls(program).stream()
                .filter(made -> made.call() == Call.UNSHARE)
                .filter(made -> made.argument(0) == Linux.CLONE_NEWCGROUP)
                .toList();
    }

    @Test
    void onTheHostsCgroupNamespaceAGroupOfItsOwnIsNoRoot() {
        LaunchPlan plan = TestHost.plan(TestHost.spec().hostCgroup().spec(), TestHost.ORDINARY);
        SyscallProgram grouped = Launches.grouped(plan, X86);
        assertThat(unsharesOfGroups(grouped)).isEmpty();
        assertThat(flags(grouped) & Linux.CLONE_NEWCGROUP).isZero();
        assertThat(flags(grouped) & Linux.CLONE_INTO_CGROUP).isNotZero();
    }

    @Test
    void theNumberOfTheGroupIsTheOnlyThingThatDiffersBetweenRequests() {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            LaunchProgram program =
                    LaunchCompiler.link(
                            Launches.grouped(Kind.STRICT.plan, cpu),
                            Execution.of(SandboxSpec.strict(), Command.of("p")),
                            Launches.FILTER);
            byte[] plain = program.encode();
            byte[] into = program.encodeInto(0x1234);
            ByteBuffer words = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
            // struct clone_args has the cgroup as its eleventh word.
            assertThat(words.getLong(80)).isEqualTo(0x1234);
            words.putLong(80, 0);
            assertThat(into).isEqualTo(plain);
            assertThat(program.encode()).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFileSystemsThatAreKeptAreThoseOfThePlanInItsOrder(Kind kind) {
        List<String> kept = new ArrayList<>();
        for (Made made : calls(kind.setUp(X86))) {
            boolean tmpfs = made.call() == Call.FCNTL;
            boolean scratch = made.call() == Call.OPENAT;
            String detail = made.step().detail();
            if (made.step().kind() == SetupStep.MOUNT
                    && detail.startsWith("tmpfs -> ")
                    && (tmpfs || scratch)) {
                kept.add(detail.substring("tmpfs -> ".length(), detail.indexOf(',')));
                assertThat(made.operation().store()).isNotZero();
                assertThat(made.operation().jump()).isEqualTo(kind.setUp(X86).failure());
            }
        }
        assertThat(kept).isEqualTo(kind.plan.mounts().filesystems());
        assertThat(kept.isEmpty()).isEqualTo(kind == Kind.HOST_MOUNT);
    }

    @Test
    void aBaseThatIsReadyLeavesTheSameFileSystems() {
        SyscallProgram ahead =
                Launches.setUp(Kind.STRICT.plan, Ahead.NETWORK_AND_BASE, X86, List.of());
        assertThat(controlLength(ahead)).isEqualTo(controlLength(Kind.STRICT.setUp(X86)));
    }

    /// The length of the control message that says that the command runs: the one message.
    private static long controlLength(SyscallProgram program) {
        Made sent =
                calls(program).stream()
                        .filter(made -> made.call() == Call.SENDMSG)
                        .reduce((_, _) -> {
                            throw new AssertionError("more than one message");
                        })
                        .orElseThrow();
        return word(program, sent.argument(1) + 40);
    }

    @Test
    void aCommandOfASessionEntersItsGroupsFirstOfAll() {
        LaunchPlan plan = Kind.STRICT.plan.within(List.of());
        Footing footing =
                new Footing(
                        Ahead.NOTHING,
                        true,
                        1001,
                        1002,
                        TerminalSource.NONE,
                        2,
                        Optional.empty(),
                        false);
        List<Made> made = calls(Launches.setUp(plan, footing, X86, List.of(7)));
        assertThat(made.stream().map(Made::call))
                .startsWith(
                        Call.CLOCK_GETTIME,
                        Call.DUP3,
                        Call.WRITE,
                        Call.CLOSE,
                        Call.WRITE,
                        Call.CLOSE);
        // Behind the status socket, the standard streams, and one further descriptor.
        assertThat(made.get(2).argument(0)).isEqualTo(LaunchCompiler.FIRST_PASSED + 5);
        assertThat(made.get(3).argument(0)).isEqualTo(LaunchCompiler.FIRST_PASSED + 5);
        assertThat(made.get(4).argument(0)).isEqualTo(LaunchCompiler.FIRST_PASSED + 6);
        assertThat(made.get(4).step().detail()).isEqualTo("enter control group #2");
        Footing without = new Footing(Ahead.NOTHING, true, 1001, 1002);
        assertThat(calls(Launches.setUp(plan, without, X86, List.of(7))).get(2).call())
                .isNotEqualTo(Call.WRITE);
    }

    @Test
    void aCommandBecomesItsUserWhileItMay() {
        LaunchPlan plan = Kind.RANGES.plan.within(List.of());
        CommandUser user = new CommandUser(7, 8, List.of(9));
        Footing footing =
                new Footing(
                        Ahead.NOTHING,
                        false,
                        1001,
                        1002,
                        TerminalSource.NONE,
                        0,
                        Optional.of(user),
                        false);
        List<Made> made = calls(Launches.setUp(plan, footing, X86, List.of()));
        List<Call> order = made.stream().map(Made::call).toList();
        assertThat(order)
                .containsSubsequence(
                        Call.SETGROUPS, Call.SETRESGID, Call.SETRESUID, Call.CAPSET, Call.CLONE3);
        assertThat(made.get(order.indexOf(Call.SETRESUID)).operation().arguments())
                .startsWith(7L, 7L, 7L);
        assertThat(made.get(order.indexOf(Call.SETRESGID)).operation().arguments())
                .startsWith(8L, 8L, 8L);
        assertThat(made.get(order.indexOf(Call.SETGROUPS)).argument(0)).isEqualTo(1);
        // A change of credentials takes it away.
        assertThat(deathSignals(made)).allMatch(at -> at > order.indexOf(Call.SETRESUID));
        Footing without = new Footing(Ahead.NOTHING, false, 1001, 1002);
        assertThat(calls(Launches.setUp(plan, without, X86, List.of())).stream().map(Made::call))
                .doesNotContain(Call.SETRESUID);
    }

    private static List<Integer> deathSignals(List<Made> made) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            if (made.get(i).call() == Call.PRCTL
                    && made.get(i).argument(0) == Linux.PR_SET_PDEATHSIG) {
                places.add(i);
            }
        }
        return places;
    }
}
