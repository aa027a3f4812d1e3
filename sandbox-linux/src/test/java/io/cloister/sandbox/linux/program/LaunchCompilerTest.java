package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Launches.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.program.Argument.LoadedAbsolute;
import io.cloister.sandbox.linux.program.Launches.Kind;
import io.cloister.sandbox.linux.program.Launches.Made;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

class LaunchCompilerTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final CpuArchitecture ARM = CpuArchitecture.AARCH64;

    /// Calls that anyone may make.
    private static final Set<Call> NEED_NO_CAPABILITY =
            Set.of(
                    Call.PRCTL,
                    Call.CLOCK_GETTIME,
                    Call.FSTATFS,
                    Call.CLONE3,
                    Call.SETSID,
                    Call.DUP3,
                    Call.FCNTL,
                    Call.CLOSE_RANGE,
                    Call.PRLIMIT64,
                    Call.LANDLOCK_CREATE_RULESET,
                    Call.OPENAT2,
                    Call.LANDLOCK_ADD_RULE,
                    Call.CLOSE,
                    Call.LANDLOCK_RESTRICT_SELF,
                    Call.SECCOMP,
                    Call.RT_SIGPROCMASK,
                    Call.RT_SIGTIMEDWAIT,
                    Call.SENDMSG,
                    Call.WAIT4,
                    Call.KILL,
                    Call.GETRUSAGE,
                    Call.WRITE,
                    Call.SCHED_YIELD,
                    Call.EXIT_GROUP);

    private static final Set<SetupStep> TREE =
            Set.of(
                    SetupStep.ROOT,
                    SetupStep.MOUNT,
                    SetupStep.DEVICE,
                    SetupStep.FILE,
                    SetupStep.PROC);

    @ParameterizedTest
    @EnumSource
    void theTimeIsTakenAndThenTheStatusSocketIsMadeDescriptor3(Kind kind) {
        List<Made> calls = calls(kind.setUp(X86));
        assertThat(calls.getFirst().index()).isZero();
        assertThat(calls.getFirst().call()).isEqualTo(Call.CLOCK_GETTIME);
        assertThat(calls.getFirst().argument(0)).isEqualTo(Linux.CLOCK_MONOTONIC);
        Made second = calls.get(1);
        assertThat(second.call()).isEqualTo(Call.DUP3);
        assertThat(second.operation().arguments())
                .startsWith((long) LaunchCompiler.FIRST_PASSED, 3L, (long) Linux.O_CLOEXEC);
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowsTheEndOfCapabilitiesNeedsNone(Kind kind) {
        List<Made> calls = calls(kind.setUp(X86));
        List<Made> ends = calls.stream().filter(made -> made.call() == Call.CAPSET).toList();
        // Where some are kept, the command and the first process each give up the rest later.
        assertThat(ends).hasSize(kind.plan.privileges().kept().isEmpty() ? 1 : 3);
        if (ends.size() > 1) {
            return;
        }
        List<Made> later = calls.subList(calls.indexOf(ends.getFirst()) + 1, calls.size());
        assertThat(later).extracting(Made::call).isSubsetOf(NEED_NO_CAPABILITY);
        assertThat(later.getFirst().call()).isEqualTo(Call.PRCTL);
        assertThat(later.getFirst().operation().arguments())
                .startsWith((long) Linux.PR_SET_NO_NEW_PRIVS, 1L);
    }

    @ParameterizedTest
    @EnumSource
    void theCommandIsClonedIntoNoNewNamespace(Kind kind) {
        SyscallProgram program = kind.setUp(X86);
        List<Made> clones =
                calls(program).stream().filter(made -> made.call() == Call.CLONE3).toList();
        assertThat(clones).hasSize(1);
        long flags = word(program, clones.getFirst().argument(0));
        long shared = kind == Kind.CLOCKS ? 0 : Linux.CLONE_VM;
        assertThat(flags).isEqualTo(Linux.CLONE_PIDFD | Linux.CLONE_VFORK | shared);
        assertThat(clones.getFirst().argument(1)).isEqualTo(Linux.CLONE_ARGS_SIZE);
    }

    @ParameterizedTest
    @EnumSource
    void theLastCapabilitySetsThatAreSetAreEmpty(Kind kind) {
        SyscallProgram program = kind.setUp(X86);
        Made capset =
                calls(program).stream()
                        .filter(made -> made.call() == Call.CAPSET)
                        .toList()
                        .getLast();
        assertThat(word(program, capset.argument(0))).isEqualTo(0x20080522L);
        for (int i = 0; i < 3; i++) {
            assertThat(word(program, capset.argument(1) + 8 * i)).isZero();
        }
    }

    private static long word(SyscallProgram program, long address) {
        return ByteBuffer.wrap(program.data())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong((int) address - program.dataAddress());
    }

    @ParameterizedTest
    @EnumSource
    void afterTheFilterOnlyLimitsAreSetBeforeTheExecution(Kind kind) {
        LaunchProgram program = Launches.link(kind, X86, Command.of("p"));
        SyscallProgram setUp = program.setUp();
        List<Made> filters =
                calls(setUp).stream().filter(made -> made.call() == Call.SECCOMP).toList();
        assertThat(filters).hasSize(1);
        Made filter = filters.getFirst();
        assertThat(filter.operation().arguments()).startsWith(1L, 0L);
        assertThat(filter.operation().jump()).isEqualTo(setUp.failure());
        long sockFprog = filter.argument(2);
        assertThat(word(setUp, sockFprog)).isEqualTo(Launches.FILTER.length());

        int limits = kind.plan.rlimits().size();
        assertThat(
                        calls(setUp).stream()
                                .filter(made -> made.index() > filter.index())
                                .limit(limits))
                .allMatch(made -> made.call() == Call.PRLIMIT64);
        Operation next = setUp.operations().get(filter.index() + 1 + limits);
        assertThat(next.kind()).isEqualTo(Interpreter.JEQ);
        assertThat(next.arguments().get(0)).isEqualTo(next.arguments().get(1));
        assertThat(next.jump()).isEqualTo(program.execution().start());
        assertThat(program.execution().start()).isEqualTo(setUp.base() + setUp.size());

        List<Made> execution = calls(program.execution());
        assertThat(execution.getFirst().call()).isEqualTo(Call.CHDIR);
        assertThat(execution.getFirst().index()).isZero();
        assertThat(execution.subList(1, execution.size()))
                .isNotEmpty()
                .allMatch(made -> made.call() == Call.EXECVE);
    }

    @ParameterizedTest
    @EnumSource
    void everyCallThatBuildsTheTreeMustSucceed(Kind kind) {
        SyscallProgram program = kind.setUp(X86);
        // A kernel may have no message queues.
        List<Made> tree =
                calls(program).stream()
                        .filter(made -> TREE.contains(made.step().kind()))
                        .filter(made -> !made.step().detail().startsWith("message queues"))
                        .toList();
        assertThat(tree).allMatch(made -> made.operation().jump() == program.failure());
        assertThat(tree.isEmpty()).isEqualTo(kind == Kind.HOST_MOUNT);
    }

    @ParameterizedTest
    @EnumSource
    void everyCallBeforeTheCommandRunsMustSucceedButTheEndOfTheBoundingSet(Kind kind) {
        SyscallProgram program = kind.setUp(X86);
        List<Made> calls = calls(program);
        int filter = calls.stream().map(Made::call).toList().indexOf(Call.SECCOMP);
        List<Made> tolerant =
                new ArrayList<>(
                        calls.subList(0, filter + 1).stream()
                                .filter(made -> made.operation().jump() != program.failure())
                                .filter(made -> made.call() != Call.EXIT_GROUP)
                                .toList());
        // What the command may not reach, and kernels without message queues.
        tolerant.removeIf(made ->
                made.step().kind() == SetupStep.ACCESS_RULES && made.call() == Call.OPENAT2
                        || made.step().detail().startsWith("message queues"));
        assertThat(tolerant)
                .allSatisfy(made -> {
                    assertThat(made.call()).isEqualTo(Call.PRCTL);
                    assertThat(made.argument(0)).isEqualTo(Linux.PR_CAPBSET_DROP);
                });
        assertThat(tolerant).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void theProgramIsTheSameOnBothCpusButForTheNumbers(Kind kind) {
        SyscallProgram x86 = kind.setUp(X86);
        SyscallProgram arm = kind.setUp(ARM);
        assertThat(arm.header()).isEqualTo(x86.header());
        assertThat(arm.data()).isEqualTo(x86.data());
        assertThat(arm.steps()).isEqualTo(x86.steps());
        assertThat(arm.failure()).isEqualTo(x86.failure());
        assertThat(calls(arm))
                .extracting(Made::call)
                .isEqualTo(calls(x86).stream().map(Made::call).toList());
        assertThat(withoutNumbers(arm)).isEqualTo(withoutNumbers(x86));
    }

    private static List<Operation> withoutNumbers(SyscallProgram program) {
        return program.operations().stream()
                .map(o -> new Operation(0, o.kind(), o.mask(), o.store(), o.arguments(), o.jump()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void everyAddressLiesInTheProgramOrInTheRecord(Kind kind) {
        LaunchProgram program = Launches.link(kind, X86, Command.of("p", "a"));
        int end = program.setUp().base() + program.size();
        for (SyscallProgram part : List.of(program.setUp(), program.execution())) {
            for (Operation operation : part.operations()) {
                List<Long> addresses = new ArrayList<>();
                addresses.add((long) operation.jump());
                addresses.add((long) operation.store());
                for (int i = 0; i < Interpreter.ARGUMENT_COUNT; i++) {
                    if ((operation.mask() >> i & 1) != 0) {
                        addresses.add(operation.arguments().get(i));
                    }
                }
                for (long address : addresses) {
                    boolean record =
                            address >= Interpreter.RECORD && address < Interpreter.RECORD + 16;
                    boolean inside = address >= program.setUp().start() && address < end;
                    boolean told =
                            ZygoteProgram.OWN_KEYRING.equals(new LoadedAbsolute((int) address));
                    assertThat(address == 0 || record || inside || told).as("%x", address).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theNewNamespacesAreAskedForInTheHeader(Kind kind) {
        assertThat(flags(kind.setUp(X86)))
                .isEqualTo(expectedFlags(kind.plan.newNamespaces(), kind == Kind.CLOCKS));
    }

    private static long flags(SyscallProgram program) {
        return ByteBuffer.wrap(program.header()).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    private static long expectedFlags(Set<Namespace> namespaces, boolean clockUnshared) {
        long flags = Linux.CLONE_PIDFD | Linux.CLONE_CLEAR_SIGHAND;
        for (Namespace namespace : namespaces) {
            flags |=
                    switch (namespace) {
                        case MOUNT -> 0x20000L;
                        case PID -> 0x20000000L;
                        case NET -> 0x40000000L;
                        case IPC -> 0x8000000L;
                        case UTS -> 0x4000000L;
                        case USER -> 0x10000000L;
                        case CGROUP -> 0x2000000L;
                        case TIME -> clockUnshared ? 0 : 0x80L;
                    };
        }
        return flags;
    }

    @Test
    void aNetworkThatIsReadyIsNotAskedForAgain() {
        SyscallProgram ahead = Launches.setUp(Kind.STRICT.plan, Ahead.NETWORK, X86, List.of());
        assertThat(flags(ahead)).isEqualTo(flags(Kind.STRICT.setUp(X86)) & ~Linux.CLONE_NEWNET);
        assertThat(calls(ahead)).extracting(Made::call).doesNotContain(Call.IOCTL);
        assertThat(calls(Kind.STRICT.setUp(X86))).extracting(Made::call).contains(Call.IOCTL);
    }

    @Test
    void aBaseThatIsReadyIsNotBuiltAgain() {
        SyscallProgram ahead =
                Launches.setUp(Kind.STRICT.plan, Ahead.NETWORK_AND_BASE, X86, List.of());
        assertThat(calls(ahead)).extracting(Made::call).doesNotContain(Call.PIVOT_ROOT);
        assertThat(calls(ahead))
                .filteredOn(made -> made.step().kind() == SetupStep.ROOT)
                .extracting(Made::call)
                .containsExactly(Call.CHROOT, Call.CHDIR);
        assertThat(ahead.steps()).anyMatch(step -> step.kind() == SetupStep.PROC);
    }

    @ParameterizedTest
    @EnumSource
    void theProcessIsUndumpableAndMakesNoUserNamespacesBeforeItBuildsTheTree(Kind kind) {
        List<Made> calls = calls(kind.setUp(X86));
        List<Long> first =
                calls.stream()
                        .filter(made -> made.call() == Call.PRCTL)
                        .filter(made -> made.argument(0) != Linux.PR_SET_SECUREBITS)
                        .findFirst()
                        .orElseThrow()
                        .operation()
                        .arguments();
        assertThat(first).startsWith((long) Linux.PR_SET_DUMPABLE, 0L);
        List<String> details = calls.stream().map(made -> made.step().detail()).toList();
        int none = details.indexOf("no user namespaces inside");
        assertThat(none >= 0).isEqualTo(kind.plan.isNew(Namespace.USER));
        int tree = 0;
        while (tree < calls.size() && !TREE.contains(calls.get(tree).step().kind())) {
            tree++;
        }
        assertThat(none).isLessThan(tree);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"HOST_MOUNT"},
            mode = EnumSource.Mode.EXCLUDE)
    void theCommandIsInAChroot(Kind kind) {
        List<Made> calls = calls(kind.setUp(X86));
        List<Call> order = calls.stream().map(Made::call).toList();
        assertThat(order).containsOnlyOnce(Call.CHROOT);
        int chroot = order.indexOf(Call.CHROOT);
        assertThat(order.get(chroot + 1)).isEqualTo(Call.CHDIR);
        // Before the capability for it goes, and behind the pivot that it is inside of.
        assertThat(chroot).isBetween(order.indexOf(Call.PIVOT_ROOT), order.indexOf(Call.CAPSET));
    }

    @Test
    void aPreparedBaseIsEnteredBeforeAnyPathIsUsed() {
        SyscallProgram ahead =
                Launches.setUp(Kind.STRICT.plan, Ahead.NETWORK_AND_BASE, X86, List.of());
        List<Call> order = calls(ahead).stream().map(Made::call).toList();
        assertThat(order.indexOf(Call.CHROOT)).isLessThan(order.indexOf(Call.OPENAT));
    }

    @Test
    void theUserThatWasSetAsideIsTakenWhenEverythingElseIsDone() {
        List<Made> calls = calls(Kind.HOST_USER.setUp(X86));
        List<Call> order = calls.stream().map(Made::call).toList();
        assertThat(order)
                .containsSubsequence(
                        Call.PIVOT_ROOT,
                        Call.SETGROUPS,
                        Call.SETRESGID,
                        Call.SETRESUID,
                        Call.PRCTL,
                        Call.PPOLL,
                        Call.CAPSET);
        Made user = calls.get(order.indexOf(Call.SETRESUID));
        Made group = calls.get(order.indexOf(Call.SETRESGID));
        Made groups = calls.get(order.indexOf(Call.SETGROUPS));
        assertThat(user.operation().arguments()).startsWith(1001L, 1001L, 1001L);
        assertThat(group.operation().arguments()).startsWith(1002L, 1002L, 1002L);
        assertThat(groups.argument(0)).isZero();
        // A change of user makes a process dumpable no more, or again: it is said once more.
        Made again = calls.get(order.indexOf(Call.SETRESUID) + 1);
        assertThat(again.operation().arguments()).startsWith((long) Linux.PR_SET_DUMPABLE, 0L);
    }

    @Test
    void onlyInANamespaceOrDomainOfItsOwnTheSupervisorEndsEverybody() {
        for (Kind kind : List.of(Kind.STRICT, Kind.HOST_PID)) {
            assertThat(calls(kind.setUp(X86)))
                    .filteredOn(made -> made.call() == Call.KILL)
                    .filteredOn(made -> !made.step().detail().contains("or for a signal"))
                    .isNotEmpty()
                    .allSatisfy(
                            made -> assertThat(made.operation().arguments()).startsWith(-1L, 9L));
        }
        assertThat(calls(Kind.HOST_PID_WITHOUT_LANDLOCK.setUp(X86)))
                .extracting(Made::call)
                .doesNotContain(Call.KILL);
    }

    @Test
    void aCommandOnTheHostsPidNamespaceDiesWithItsSupervisor() {
        long usual = deathSignals(Kind.STRICT);
        assertThat(deathSignals(Kind.HOST_PID_WITHOUT_LANDLOCK)).isEqualTo(usual + 1);
        // There the supervisor does not die with its launcher, but is told, and ends all first.
        assertThat(deathSignals(Kind.HOST_PID)).isEqualTo(usual + 2);
    }

    private static long deathSignals(Kind kind) {
        return calls(kind.setUp(X86)).stream()
                .filter(made -> made.call() == Call.PRCTL)
                .filter(made -> made.argument(0) == Linux.PR_SET_PDEATHSIG)
                .count();
    }

    @Test
    void rlimitsAreSetInTheCommandAlone() {
        List<Call> order = calls(Kind.STRICT.setUp(X86)).stream().map(Made::call).toList();
        assertThat(order.indexOf(Call.PRLIMIT64)).isGreaterThan(order.indexOf(Call.CLONE3));
        // The limit on descriptors is the program's: what its process opens before comes before.
        assertThat(order.indexOf(Call.PRLIMIT64)).isGreaterThan(order.indexOf(Call.SECCOMP));
        assertThat(order.stream().filter(Call.PRLIMIT64::equals))
                .hasSameSizeAs(Kind.STRICT.plan.rlimits());
    }

    @Test
    void aStrictLaunchFitsIntoARequestWithoutAMapping() {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            LaunchProgram program = Launches.link(Kind.STRICT, cpu, Command.of("p"));
            assertThat(program.size()).isLessThan(ZygoteProgram.REQUEST_SIZE);
            assertThat(program.encode()).hasSize(program.size());
        }
        assertThat(SandboxSpec.strict().newNamespaces()).containsExactly(Namespace.values());
    }
}
