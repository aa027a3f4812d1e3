package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxPool.Statistics;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Users of a pool who leave what they can. The next one sees what the first user of a new sandbox
/// sees: in the same sandbox, or in another with the reason told.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileTenantTest {

    private static final String PROGRAM = "/hostile";

    /// What a reset removes.
    private static final List<String> REMOVED =
            List.of(
                    "names",
                    "deep",
                    "links",
                    "sparse",
                    "closed",
                    "held",
                    "unlinked",
                    "mapped",
                    "attributes",
                    "shmopen",
                    "times",
                    "daemon",
                    "forks",
                    "abstract",
                    "socketfile",
                    "bound",
                    "locks",
                    "watches",
                    "terminal",
                    "oom");

    /// What it cannot, in one order that works in one sandbox.
    private static final List<String> MARKS =
            List.of(
                    "xattr",
                    "acl",
                    "shm",
                    "sem",
                    "msg",
                    "shmgone",
                    "mqueue",
                    "tcp",
                    "udp",
                    "unreachable",
                    "chmodshm");

    private static Sandbox.Builder policy() {
        return Sandbox.builder()
                .readOnly(Victims.hostile(), PROGRAM)
                .wallTimeLimit(Duration.ofSeconds(100));
    }

    private static Command act(String act) {
        return Command.of(PROGRAM, act);
    }

    private static void awaitIdle(SandboxPool pool) {
        Host.await("an idle sandbox", () -> pool.statistics().idle() == 1);
    }

    private static String look(SandboxPool pool) throws InterruptedException {
        try (SandboxPool.Lease lease = pool.lease()) {
            SandboxResult result = lease.run(act("look"));
            assertThat(result).exited(0);
            return result.stdoutText();
        }
    }

    private static void seesTheSame(SandboxPool pool, SandboxPool fresh)
            throws InterruptedException {
        List<String> here = new ArrayList<>(look(pool).lines().toList());
        List<String> there = new ArrayList<>(look(fresh).lines().toList());
        List<String> common = List.copyOf(here);
        here.removeAll(there);
        there.removeAll(common);
        assertThat(common).hasSizeGreaterThan(40);
        assertThat(here).as("instead of " + there).isEmpty();
        assertThat(there).isEmpty();
    }

    /// All acts succeed in one lease; then the next user looks.
    private static Statistics after(Sandbox.Builder policy, List<String> acts) throws Exception {
        try (Sandbox sandbox = policy.build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build();
                SandboxPool fresh = SandboxPool.of(sandbox).size(1).uses(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                for (String act : acts) {
                    assertThat(lease.run(act(act))).exited(0);
                }
            }
            awaitIdle(pool);
            Statistics statistics = pool.statistics();
            seesTheSame(pool, fresh);
            return statistics;
        }
    }

    private static void isUsedAgain(Statistics statistics) {
        assertThat(statistics.lastDiscard()).isEmpty();
        assertThat(statistics.opened()).isEqualTo(1);
        assertThat(statistics.resets()).isEqualTo(1);
    }

    private static void isThrownAway(Statistics statistics, String why) {
        assertThat(statistics.lastDiscard().orElseThrow()).contains(why);
        assertThat(statistics.discarded()).isEqualTo(1);
        assertThat(statistics.opened()).isEqualTo(2);
    }

    @Test
    void allThatCanBeRemovedAtOnceIsRemoved() throws Exception {
        isUsedAgain(after(policy(), REMOVED));
    }

    @Test
    void manyFilesAreRemoved() throws Exception {
        isUsedAgain(after(policy(), List.of("many")));
    }

    @Test
    void socketsThatAreNowhereButInEachOtherAreGone() throws Exception {
        isUsedAgain(after(policy(), List.of("flight")));
    }

    @Test
    void whatIsPausedIsRemovedToo() throws Exception {
        try (Sandbox sandbox = policy().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.run(act("held"))).exited(0);
                try {
                    lease.session().pause();
                } catch (SandboxUnavailableException e) {
                    Assumptions.abort("needs a control group that freezes: " + e.getMessage());
                }
            }
            awaitIdle(pool);
            assertThat(pool.statistics().lastDiscard()).isEmpty();
        }
    }

    @Test
    void allThatCannotBeRemovedAtOnceIsThrownAway() throws Exception {
        Statistics statistics = after(policy(), MARKS);
        isThrownAway(statistics, "System V shared memories are left: 1");
        assertThat(statistics.lastDiscard().orElseThrow())
                .contains("semaphore sets are left: 1")
                .contains("message queues are left: 1")
                .contains("POSIX message queues are left");
    }

    @ParameterizedTest
    @CsvSource({
        "chmod, attributes of directories",
        "chmodshm, /dev/shm",
        "xattr, attributes of directories",
        "acl, attributes of directories",
        "shm, shared memories are left",
        "sem, semaphore sets are left",
        "msg, message queues are left",
        "shmgone, objects were made",
        "mqueue, POSIX message queues are left",
        "tcp, network",
        "udp, network",
        "unreachable, network",
        "flowlabel, network",
        "toomany, entries were looked at",
    })
    void eachThingThatCannotBeRemovedIsNamed(String act, String why) throws Exception {
        isThrownAway(after(policy(), List.of(act)), why);
    }

    @Test
    void flagsOfADirectoryAreSeen() throws Exception {
        try (Sandbox sandbox = policy().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            int code;
            try (SandboxPool.Lease lease = pool.lease()) {
                SandboxResult result = lease.run(act("chattr"));
                code = code(result);
            }
            Assumptions.assumeTrue(
                    code != Errno.ENOTTY.number() && code != Errno.EOPNOTSUPP.number(),
                    "needs tmpfs with flags: Linux 6.6");
            assertThat(code).isZero();
            awaitIdle(pool);
            isThrownAway(pool.statistics(), "attributes of directories");
        }
    }

    /// The numbers of new objects alone would not tell of it.
    @Test
    void aQueueIsSeenAlsoWhenTheNumbersHaveGoneAround() throws Exception {
        Assumptions.assumeFalse(
                Host.isUserModeLinux(),
                "needs a kernel on which 8 million calls take less than a minute");
        isThrownAway(after(policy(), List.of("msgaround")), "System V message queues are left: 1");
    }

    @Test
    void theQueuesOfAPolicyThatShowsNoneAreSeen() throws Exception {
        Sandbox.Builder policy = policy().tmpfs("/dev/mqueue", Bytes.mebibytes(1));
        isThrownAway(after(policy, List.of("mqueue")), "POSIX message queues are left");
        isUsedAgain(after(policy().tmpfs("/dev/mqueue", Bytes.mebibytes(1)), List.of("names")));
    }

    @Test
    void placesBelowEachOtherAndWhatThePolicyPutThereStay() throws Exception {
        Sandbox.Builder policy =
                policy().tmpfs("/work", Bytes.mebibytes(1))
                        .tmpfs("/work/deep/out", Bytes.mebibytes(1))
                        .readOnly(Path.of("/usr/share"), "/work/data")
                        .symlink("/work/link", "data");
        try (Sandbox sandbox = policy.build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            Command mess =
                    shell(
                            "echo x > /work/a; mkdir /work/deep/b; echo x > /work/deep/b/c;"
                                    + " echo x > /work/deep/out/d; mkdir -p /work/deep/out/e/f");
            assertThat(pool.run(mess)).exited(0);
            awaitIdle(pool);
            assertThat(pool.statistics().lastDiscard()).isEmpty();
            assertThat(pool.run(shell("cd /work; find . -path ./data -prune -o -print | sort")))
                    .printed(".\n./deep\n./deep/out\n./link\n");
            for (String act :
                    List.of(
                            "ln -sfn /tmp /work/link",
                            "chmod 0700 /work/deep",
                            "mv /work/deep /work/moved; ln -s /etc /work/deep")) {
                awaitIdle(pool);
                long before = pool.statistics().discarded();
                assertThat(pool.run(shell(act))).exited(0);
                awaitIdle(pool);
                assertThat(pool.statistics().discarded()).as(act).isEqualTo(before + 1);
            }
        }
    }

    @Test
    void aFileOfThePolicyWhereCommandsWriteIsNotTrusted() throws Exception {
        Sandbox.Builder policy = policy().file("/tmp/input", new byte[] {'x'});
        try (Sandbox sandbox = policy.build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            for (int i = 0; i < 2; i++) {
                assertThat(pool.run(shell("cat /tmp/input"))).printed("x");
            }
            Host.await("discards", () -> pool.statistics().discarded() == 2);
            assertThat(pool.statistics().lastDiscard().orElseThrow()).contains("/tmp/input");
        }
    }

    private static int code(SandboxResult result) {
        return ((Outcome.Exited) result.outcome()).code();
    }

    private static void needsKeys() {
        Assumptions.assumeTrue(
                Files.exists(Path.of("/proc/keys")), "needs a kernel with keys: CONFIG_KEYS");
    }

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static Runs denied(Sandbox.Builder policy, String act) {
        return assertThat(Runs.run(policy, act(act)));
    }

    @ParameterizedTest
    @CsvSource({
        "hostname, EPERM",
        "mount, EPERM",
        "userns, EPERM",
        "prlimit, EPERM",
        "nice, EPERM",
        "niceuser, EPERM",
        "affinity, EPERM",
        "batch, EPERM",
        "ioprio, EPERM",
        "oomfirst, EACCES",
        "addkey, ENOSYS",
        "keyctl, ENOSYS",
        "persistent, ENOSYS",
        "requestkey, ENOSYS",
        "msgmax, EACCES",
        "netsetting, EACCES",
        "pattern, EACCES",
        "devnull, EPERM",
        "iouring, ENOSYS",
        "userfaultfd, EPERM",
        "perf, EPERM",
        "bpf, EPERM",
        "fanotify, EPERM",
        "lease, EPERM",
    })
    void whatWouldStayElsewhereIsDenied(String act, Errno errno) {
        denied(policy(), act).failedWith(errno);
    }

    private static Sandbox.Builder filterOpen() {
        return policy().syscalls(
                        SyscallPolicy.standard()
                                .allow(
                                        Syscall.PRLIMIT64,
                                        Syscall.SETPRIORITY,
                                        Syscall.SCHED_SETAFFINITY,
                                        Syscall.SCHED_SETSCHEDULER,
                                        Syscall.IOPRIO_SET));
    }

    @Test
    void whatAnOpenFilterLetsBeDoneToTheFirstProcessIsSeen() throws Exception {
        isThrownAway(
                after(filterOpen(), List.of("prlimit")),
                "first process: lines that differ: 1, the first: value 1 of Max open files was");
        isUsedAgain(after(filterOpen(), List.of("names")));
    }

    /// The kernel asks for its capabilities; to the program's own processes all that can be done.
    @ParameterizedTest
    @ValueSource(strings = {"nice", "niceuser", "affinity", "batch", "ioprio"})
    void theSchedulingOfTheFirstProcessIsOutOfReachWithoutTheFilterToo(String act)
            throws Exception {
        try (Sandbox sandbox = filterOpen().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            String before = look(pool);
            awaitIdle(pool);
            assertThat(pool.run(Command.of(PROGRAM, act, "0"))).exited(0);
            assertThat(pool.run(act(act))).failedWith(Errno.EPERM);
            awaitIdle(pool);
            assertThat(look(pool)).isEqualTo(before);
            assertThat(pool.statistics().discarded()).isZero();
        }
    }

    /// The twin is [#withWritableSettingsItIsNeverUsedAgain()].
    @Test
    void settingsAreReadOnlyAlsoForUser0() {
        denied(policy().user(0, 0), "msgmax").failedWith(Errno.EROFS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"addkey", "keyctl", "requestkey", "userfaultfd", "lease"})
    void withoutAFilterTheyWorkAndTheSandboxIsNeverUsedAgain(String act) throws Exception {
        if (act.endsWith("key") || act.equals("keyctl")) {
            needsKeys();
        }
        isThrownAway(
                after(policy().syscalls(SyscallPolicy.unfiltered()), List.of(act)), "make keys");
    }

    @Test
    void whatIsOpenForSomeArgumentsIsOpen() throws Exception {
        needsKeys();
        // Joining a keyring is closed, making one is not.
        SyscallPolicy partly =
                SyscallPolicy.standard()
                        .allow(Syscall.KEYCTL)
                        .first(
                                SyscallRule.of(
                                        Syscall.KEYCTL,
                                        SyscallAction.fail(Errno.EPERM),
                                        "closed for zeroes",
                                        ArgumentTest.longIs(0, 0)));
        isThrownAway(after(policy().syscalls(partly), List.of("persistent")), "keyctl");
    }

    @Test
    void withTheCapabilityTheNameCanBeSetAndTheSandboxIsNeverUsedAgain() throws Exception {
        Sandbox.Builder policy =
                policy().keepCapabilities(Capability.SYS_ADMIN)
                        .syscalls(SyscallPolicy.unfiltered());
        isThrownAway(after(policy, List.of("hostname", "mount")), "capabilities");
    }

    @Test
    void withWritableSettingsItIsNeverUsedAgain() throws Exception {
        ProcFilesystem open =
                new ProcFilesystem(ProcFilesystem.View.FULL, List.of(), List.of("/proc/bus"));
        isThrownAway(after(policy().user(0, 0).proc(open), List.of("msgmax")), "/proc/sys");
    }

    /// The kernel's own directories belong to the first process, or what is done to them is seen.
    @ParameterizedTest
    @ValueSource(strings = {"ptmx", "ptsdirectory", "mqdirectory"})
    void whatIsDoneToTheKernelsDirectoriesIsSeenOrDenied(String act) throws Exception {
        try (Sandbox sandbox = policy().build();
                SandboxPool pool = SandboxPool.of(sandbox).size(1).build();
                SandboxPool fresh = SandboxPool.of(sandbox).size(1).build()) {
            int code;
            try (SandboxPool.Lease lease = pool.lease()) {
                code = code(lease.run(act(act)));
            }
            awaitIdle(pool);
            if (code == 0) {
                isThrownAway(pool.statistics(), "attributes of directories");
            } else {
                assertThat(code)
                        .isIn(
                                Errno.EPERM.number(),
                                Errno.EACCES.number(),
                                Errno.EOVERFLOW.number());
                isUsedAgain(pool.statistics());
            }
            seesTheSame(pool, fresh);
        }
    }

    @Test
    void theActsAreTold() {
        assertThat(Set.copyOf(REMOVED)).doesNotContainAnyElementsOf(MARKS);
        assertThat(Runs.run(policy(), act("no such act"))).exited(251);
    }
}
