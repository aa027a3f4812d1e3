package io.cloister.sandbox.linux.seccomp;

import static io.cloister.sandbox.Errno.EAFNOSUPPORT;
import static io.cloister.sandbox.Errno.ENOSYS;
import static io.cloister.sandbox.Errno.EPERM;
import static io.cloister.sandbox.Errno.EPROTONOSUPPORT;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class StandardFilterTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final BpfProgram X86_PROGRAM = compile(CpuArchitecture.X86_64);
    private static final BpfProgram AARCH64_PROGRAM = compile(CpuArchitecture.AARCH64);
    private static final long SEED = 20_260_101L;

    @ParameterizedTest
    @EnumSource
    void everyNumberIsAnsweredAsTheRulesSay(CpuArchitecture cpu) {
        PlainFilter plain = new PlainFilter(SyscallPolicy.standard(), cpu);
        Random random = new Random(SEED);
        for (int number = 0; number <= 1024; number++) {
            for (int i = 0; i < 50; i++) {
                SeccompData call = SeccompData.of(cpu, number, randomArguments(random));
                assertThat(run(cpu, call)).as("%s", call).isEqualTo(plain.answer(call));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyNumberOfAnyArchitectureIsAnsweredAsTheRulesSay(CpuArchitecture cpu) {
        PlainFilter plain = new PlainFilter(SyscallPolicy.standard(), cpu);
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            int architecture = i % 2 == 0 ? ownArchitecture(cpu) : random.nextInt();
            int number = random.nextInt() >>> random.nextInt(32);
            SeccompData call =
                    new SeccompData(
                            number,
                            architecture,
                            random.nextLong(),
                            boxed(randomArguments(random)));
            assertThat(run(cpu, call)).as("%s", call).isEqualTo(plain.answer(call));
        }
    }

    /// AUDIT_ARCH_I386, AUDIT_ARCH_ARM, the other CPU, and no architecture at all.
    @ParameterizedTest
    @ValueSource(ints = {0x40000003, 0x40000028, 0xc00000b7, 0})
    void aCallOfAForeignArchitectureKills(int architecture) {
        int write = 1;
        assertThat(run(X86, new SeccompData(write, architecture, 0, boxed(new long[6]))))
                .isEqualTo(SyscallAction.KILL);
        assertThat(run(X86, SeccompData.of(X86, write))).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40000000, 0x40000001, 0x40000000 + 547, 0x7fffffff, 0xc0000000, -2})
    void aNumberOfTheX32AbiKills(int number) {
        assertThat(run(X86, SeccompData.of(X86, number))).isEqualTo(SyscallAction.KILL);
    }

    @Test
    void aCallThatADebuggerSkipsDoesNotKill() {
        assertThat(run(X86, SeccompData.of(X86, -1))).isEqualTo(SyscallAction.fail(ENOSYS));
    }

    @ParameterizedTest
    @ValueSource(ints = {337, 400, 423, 472, 512, 547, 4096, 0x3fffffff, 0x80000000})
    void aNumberThatIsNoCallFailsWithEnosys(int number) {
        assertThat(run(X86, SeccompData.of(X86, number))).isEqualTo(SyscallAction.fail(ENOSYS));
    }

    @ParameterizedTest
    @EnumSource
    void whatALaunchDoesAfterTheFilterStaysOpen(CpuArchitecture cpu) {
        Stream.of(
                        "execve",
                        "execveat",
                        "close_range",
                        "close",
                        "dup3",
                        "write",
                        "exit_group",
                        "exit",
                        "prctl",
                        "getppid",
                        "kill",
                        "wait4",
                        "waitid",
                        "setsid",
                        "seccomp",
                        "rt_sigaction")
                .forEach(call -> assertThat(answers(cpu, call)).as(call).containsExactly("allow"));
    }

    @Test
    void theClosedListIsThis() {
        TreeSet<String> closed = new TreeSet<>();
        for (int number = 0; number < SyscallTable.of(X86).limit(); number++) {
            if (!run(X86, SeccompData.of(X86, number)).equals(SyscallAction.ALLOW)) {
                SyscallTable.of(X86).call(number).map(Syscall::label).ifPresent(closed::add);
            }
        }
        String list =
                """
                _sysctl acct add_key adjtimex afs_syscall bpf cachestat chroot clock_adjtime
                clock_settime clone3 create_module delete_module epoll_ctl_old epoll_wait_old
                fanotify_init fanotify_mark finit_module fsconfig fsmount fsopen fspick
                get_kernel_syms get_mempolicy getpmsg init_module io_uring_enter
                io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load
                keyctl listmount listns lookup_dcookie lsm_get_self_attr lsm_list_modules
                lsm_set_self_attr mbind memfd_secret migrate_pages modify_ldt mount
                mount_setattr move_mount move_pages name_to_handle_at nfsservctl
                open_by_handle_at open_tree open_tree_attr openat2 perf_event_open pidfd_getfd
                pivot_root process_madvise putpmsg query_module quotactl quotactl_fd reboot
                request_key security set_mempolicy set_mempolicy_home_node setdomainname
                sethostname setns settimeofday socket socketpair statmount swapoff swapon sysfs
                syslog tuxcall umount2 uselib userfaultfd ustat vhangup vserver
                """;
        // socket and socketpair are called with family 0 here.
        assertThat(closed).containsExactly(list.strip().split("\\s+"));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000})
    void newNamespacesFailWithEperm(long flag) {
        long sigchld = 17;
        assertThat(call("clone", flag | sigchld)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("clone", 0xdeadbeef00000000L | flag)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("unshare", flag)).isEqualTo(SyscallAction.fail(EPERM));
    }

    /// What fork, vfork and pthread_create of glibc pass, and all flags that are no namespace.
    @ParameterizedTest
    @ValueSource(longs = {0x01200011, 0x4111, 0x003d0f00, 0x81fdffffL})
    void threadsAndProcessesCanBeMade(long flags) {
        assertThat(call("clone", flags)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x80, 0x100000, 0x100000000L, 0x8000000000000000L})
    void aNewKindOfUnshareFailsWithEperm(long flag) {
        assertThat(call("unshare", flag)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("unshare", flag | 0x400)).isEqualTo(SyscallAction.fail(EPERM));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x200, 0x400, 0x40000, 0x50f00})
    void unshareOfWhatAProcessOwnsIsOpen(long flags) {
        assertThat(call("unshare", flags)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x5412, 0x541c, 0x5423})
    void dangerousTerminalRequestsFailWhateverTheUpperHalfIs(long request) {
        assertThat(call("ioctl", 0, request)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("ioctl", 0, 0xdeadbeef00000000L | request))
                .isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("ioctl", 0, 0xffffffff00000000L | request))
                .isEqualTo(SyscallAction.fail(EPERM));
    }

    /// TCGETS, TIOCGWINSZ, FIONREAD, FIOCLEX.
    @ParameterizedTest
    @ValueSource(longs = {0x5401, 0x5413, 0x541b, 0x5451, 0x15412})
    void ordinaryRequestsAreOpen(long request) {
        assertThat(call("ioctl", 0, request)).isEqualTo(SyscallAction.ALLOW);
    }

    /// F_SETLEASE, F_NOTIFY, F_SETDELEG.
    @ParameterizedTest
    @ValueSource(longs = {1024, 1026, 1040})
    void whatDelaysOrWatchesOthersAtAFileFails(long command) {
        assertThat(call("fcntl", 3, command)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("fcntl", 3, 0xdeadbeef00000000L | command))
                .isEqualTo(SyscallAction.fail(EPERM));
    }

    /// F_DUPFD, F_OFD_SETLK, F_GETLEASE, F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GETDELEG.
    @ParameterizedTest
    @ValueSource(longs = {0, 37, 1025, 1030, 1033, 1039})
    void otherCommandsForDescriptorsAreOpen(long command) {
        assertThat(call("fcntl", 3, command)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x8, 0x20000, 0x20008, 0x40000, 0x40008, 0xffffffffL, -1})
    void harmlessPersonalitiesAreOpen(long persona) {
        assertThat(call("personality", persona)).isEqualTo(SyscallAction.ALLOW);
    }

    /// READ_IMPLIES_EXEC, MMAP_PAGE_ZERO, ADDR_COMPAT_LAYOUT, PER_BSD, all but one bit.
    @ParameterizedTest
    @ValueSource(longs = {0x400000, 0x100000, 0x200000, 6, 0x440000, 0xfffffffeL})
    void otherPersonalitiesFailWithEperm(long persona) {
        assertThat(call("personality", persona)).isEqualTo(SyscallAction.fail(EPERM));
        assertThat(call("personality", 0xdeadbeef00000000L | persona))
                .isEqualTo(SyscallAction.fail(EPERM));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "1, 5, 0", "2, 1, 6", "2, 2, 17", "2, 0x80802, 0", "10, 1, 0"})
    void localAndInternetSocketsAreOpen(long family, String type, long protocol) {
        assertThat(call("socket", family, Long.decode(type), protocol))
                .isEqualTo(SyscallAction.ALLOW);
    }

    @Test
    void everyOtherFamilyFailsWithEafnosupport() {
        Set<Integer> open = Set.of(1, 2, 10, 16);
        for (int family = 0; family < 256; family++) {
            if (!open.contains(family)) {
                assertThat(call("socket", family, 1, 0))
                        .isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
            }
        }
        assertThat(call("socket", -1, 1, 0)).isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
    }

    @Test
    void aFamilyIsComparedInItsLowerHalf() {
        long vsock = 40;
        assertThat(call("socket", 0x100000000L | vsock, 1, 0))
                .isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
        assertThat(call("socket", 0x100000002L, 1, 0)).isEqualTo(SyscallAction.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 0x80000 + 10, 0x80800 + 10})
    void thePacketTypeOfInetFailsAsThePacketFamilyDoes(long type) {
        assertThat(call("socket", 2, type, 0x300)).isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
    }

    @Test
    void onlyRoutingIsOpenOfNetlink() {
        assertThat(call("socket", 16, 3, 0)).isEqualTo(SyscallAction.ALLOW);
        assertThat(call("socket", 16, 3, 0x100000000L)).isEqualTo(SyscallAction.ALLOW);
        for (int protocol = 1; protocol < 64; protocol++) {
            assertThat(call("socket", 16, 3, protocol))
                    .isEqualTo(SyscallAction.fail(EPROTONOSUPPORT));
        }
    }

    @Test
    void onlyLocalSocketsComeInPairs() {
        assertThat(call("socketpair", 1, 1, 0)).isEqualTo(SyscallAction.ALLOW);
        assertThat(call("socketpair", 2, 1, 0)).isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
        assertThat(call("socketpair", 30, 1, 0)).isEqualTo(SyscallAction.fail(EAFNOSUPPORT));
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheseCallsDependOnTheirArguments(CpuArchitecture cpu) {
        SyscallTable table = SyscallTable.of(cpu);
        TreeSet<String> dependent = new TreeSet<>();
        for (int number = 0; number < table.limit(); number++) {
            table.call(number)
                    .map(Syscall::label)
                    .filter(name -> answers(cpu, name).size() > 1)
                    .ifPresent(dependent::add);
        }
        assertThat(dependent)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(
                                        "chmod creat mknod open",
                                        "clone fchmod fchmodat fchmodat2 fcntl ioctl mknodat"
                                                + " openat",
                                        "personality socket socketpair unshare ioprio_set"
                                                + " prlimit64",
                                        "sched_setaffinity sched_setattr sched_setparam"
                                                + " setpriority",
                                        "sched_setscheduler")
                                .flatMap(names -> Stream.of(names.split(" ")))
                                .filter(name ->
                                        table.number(Syscall.named(name).orElseThrow()).isPresent())
                                .toList());
    }

    @ParameterizedTest
    @EnumSource
    void theFilterIsShort(CpuArchitecture cpu) {
        SyscallTable table = SyscallTable.of(cpu);
        BpfProgram program = program(cpu);
        double mean =
                IntStream.range(0, table.limit())
                        .filter(number -> table.call(number).map(Syscall::label).isPresent())
                        .map(number ->
                                BpfEvaluator.run(program, SeccompData.of(cpu, number)).steps())
                        .average()
                        .orElseThrow();
        assertThat(program.instructions()).hasSizeLessThanOrEqualTo(240);
        assertThat(mean).isLessThanOrEqualTo(15);
    }

    private static BpfProgram compile(CpuArchitecture cpu) {
        return FilterCompiler.compile(SyscallPolicy.standard(), cpu, FilterCompiler.Options.NONE);
    }

    private static BpfProgram program(CpuArchitecture cpu) {
        return cpu == CpuArchitecture.X86_64 ? X86_PROGRAM : AARCH64_PROGRAM;
    }

    private static SyscallAction call(String name, long... arguments) {
        List<SyscallAction> answers =
                Stream.of(CpuArchitecture.values())
                        .map(cpu -> run(cpu, SeccompData.of(cpu, number(cpu, name), arguments)))
                        .distinct()
                        .toList();
        assertThat(answers).as("the same answer on every CPU").hasSize(1);
        return answers.getFirst();
    }

    /// All answers that a call gets, with many arguments.
    private static Set<String> answers(CpuArchitecture cpu, String name) {
        Random random = new Random(SEED);
        return Stream.generate(
                        () -> SeccompData.of(cpu, number(cpu, name), randomArguments(random)))
                .limit(200)
                .map(call -> run(cpu, call).toString())
                .collect(Collectors.toSet());
    }

    private static int number(CpuArchitecture cpu, String name) {
        return SyscallTable.of(cpu).number(Syscall.named(name).orElseThrow()).orElseThrow();
    }

    private static SyscallAction run(CpuArchitecture cpu, SeccompData call) {
        return BpfEvaluator.run(program(cpu), call).action();
    }

    private static int ownArchitecture(CpuArchitecture cpu) {
        return SyscallTable.of(cpu).auditArchitecture();
    }

    /// Half of them values and flags that rules look at, some with a dirty upper half.
    private static long[] randomArguments(Random random) {
        long[] known = {
            0,
            1,
            2,
            3,
            10,
            16,
            40,
            0x8,
            0x11,
            0x80,
            0x400,
            0x20000,
            0x40000,
            0x10000000,
            0x5401,
            0x5412,
            0x541c,
            0x5423,
            0xffffffffL
        };
        long[] arguments = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            long value = known[random.nextInt(known.length)];
            arguments[i] =
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextLong();
                        case 1 -> value | (long) random.nextInt() << 32;
                        default -> value;
                    };
        }
        return arguments;
    }

    private static List<Long> boxed(long[] arguments) {
        return Arrays.stream(arguments).boxed().toList();
    }
}
