package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Launches.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.LaunchPlan;
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
}
