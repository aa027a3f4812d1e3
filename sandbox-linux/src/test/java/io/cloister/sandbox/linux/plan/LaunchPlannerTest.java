package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.PRIVILEGED;
import static io.cloister.sandbox.linux.plan.TestHost.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.LaunchPlan.ResourceLimit;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class LaunchPlannerTest {

    @Test
    void theStrictSpecificationIsAdmitted() {
        assertThatCode(() -> LaunchPlanner.admit(SandboxSpec.strict(), ORDINARY))
                .doesNotThrowAnyException();
        assertThatCode(() -> LaunchPlanner.admit(SandboxSpec.strict(), PRIVILEGED))
                .doesNotThrowAnyException();
    }

    private static HostFacts facts(
            int uid, int gid, boolean privileged, boolean hostRoot, boolean keyrings) {
        return new HostFacts(
                uid,
                gid,
                privileged,
                hostRoot,
                keyrings,
                Map.of(),
                TestHost.TREE,
                ControlGroups.NONE,
                TestHost.CONTROLS,
                LandlockSupport.of(7));
    }

    @Test
    void rootOfTheHostWithoutCapabilitiesIsRefused() {
        HostFacts bare = facts(0, 0, false, true, true);
        assertThatThrownBy(() -> LaunchPlanner.admit(SandboxSpec.strict(), bare))
                .isInstanceOf(SandboxUnavailableException.class)
                .hasMessageContaining("root without CAP_SETUID and CAP_SETGID");
    }

    @Test
    void rootOfAUserNamespaceIsAdmittedAsAnOrdinaryUser() {
        HostFacts mapped = facts(0, 0, false, false, true);
        assertThatCode(() -> LaunchPlanner.admit(SandboxSpec.strict(), mapped))
                .doesNotThrowAnyException();
    }

    @Test
    void aNewUserNamespaceMapsOneUserAndOneGroup() {
        assertThat(LaunchPlanner.users(spec().user(7, 8).spec(), ORDINARY))
                .isEqualTo(new UserMap.Single(7, 8));
        assertThat(LaunchPlanner.users(spec().user(0, 0).spec(), PRIVILEGED))
                .isEqualTo(new UserMap.Single(0, 0));
    }

    @Test
    void rangesAreMappedAsTheyAreGiven() {
        SandboxSpec spec =
                spec().user(5, 6).groups(7).mapUids(0, 100_000, 10).mapGids(0, 200_000, 10).spec();
        assertThat(LaunchPlanner.users(spec, PRIVILEGED))
                .isEqualTo(
                        new UserMap.Ranges(
                                List.of(new IdRange(0, 100_000, 10)),
                                List.of(new IdRange(0, 200_000, 10)),
                                5,
                                6,
                                List.of(7)));
    }

    @Test
    void theHostsUsersOfAPrivilegedJvmAreDroppedForOneThatIsSetAside() {
        assertThat(LaunchPlanner.users(spec().hostUser().spec(), PRIVILEGED))
                .isEqualTo(new UserMap.HostDropped());
        assertThat(LaunchPlanner.users(allHost().spec(), PRIVILEGED))
                .isEqualTo(new UserMap.HostDropped());
    }

    @Test
    void theHostsUsersOfAnOrdinaryJvmAllowNoNewNamespace() {
        assertThat(LaunchPlanner.users(allHost().spec(), ORDINARY)).isEqualTo(new UserMap.Host());
        SandboxSpec oneNew = allHost().newIpc().spec();
        assertThatThrownBy(() -> LaunchPlanner.users(oneNew, ORDINARY))
                .isInstanceOf(SandboxUnavailableException.class)
                .hasMessageContaining("hostUser()")
                .hasMessageContaining("[IPC]");
        assertThatThrownBy(() -> LaunchPlanner.admit(oneNew, ORDINARY))
                .isInstanceOf(SandboxUnavailableException.class);
    }

    private static Sandbox.Builder allHost() {
        return spec().hostMount()
                .hostPid()
                .hostNet()
                .hostIpc()
                .hostUts()
                .hostUser()
                .hostCgroup()
                .hostTime();
    }

    @ParameterizedTest
    @CsvSource({
        "PT1S, 2, 3",
        "PT0.000000001S, 2, 3",
        "PT0.999S, 2, 3",
        "PT1.000000001S, 3, 4",
        "PT2S, 3, 4",
        "PT1H, 3601, 3602"
    })
    void theBackstopForCpuTimeIsTheNextSecondAndKillsOneSecondLater(
            Duration limit, long soft, long hard) {
        assertThat(rlimit(ResourceLimits.standard().cpuTime(limit), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, soft, hard));
    }

    @Test
    void theBackstopForCpuTimeLeavesTheExtraTime() {
        ResourceLimits limits = ResourceLimits.standard().cpuTime(Duration.ofMillis(1500));
        assertThat(rlimit(limits.extraTime(Duration.ofMillis(500)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 3, 4));
        assertThat(rlimit(limits.extraTime(Duration.ofMillis(501)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 4, 5));
        assertThat(rlimit(limits.extraTime(Duration.ZERO), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 3, 4));
    }

    @Test
    void aCpuTimeForEverIsALimitThatTheKernelTakes() {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        ResourceLimits standard = ResourceLimits.standard();
        for (ResourceLimits limits :
                List.of(
                        standard.cpuTime(forEver),
                        standard.extraTime(forEver),
                        standard.cpuTime(forEver).extraTime(Duration.ofSeconds(1)))) {
            ResourceLimit limit = rlimit(limits, Map.of(), Rlimit.CPU);
            assertThat(limit.soft()).isPositive();
            assertThat(limit.hard()).isGreaterThan(limit.soft());
        }
    }

    @Test
    void theLowerOneOfCpuTimeAndItsRlimitHolds() {
        ResourceLimits limits = spec().rlimit(Rlimit.CPU, 2, 9).spec().limits();
        assertThat(rlimit(limits.cpuTime(Duration.ofSeconds(5)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 2, 7));
        assertThat(rlimit(limits.cpuTime(Duration.ofMillis(500)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 2, 3));
    }

    @Test
    void memoryThatIsWatchedHasABackstopInEachProcess() {
        ResourceLimits limits = ResourceLimits.standard().memory(Bytes.mebibytes(100));
        ResourceLimits watched = limits.bestEffort(LimitItem.MEMORY);
        long expected = (2 * 100 + 64L) << 20;
        assertThat(rlimit(watched, Map.of(), Rlimit.DATA))
                .isEqualTo(new ResourceLimit("DATA", 2, expected, expected));
        assertThat(rlimit(watched, Map.of(Rlimit.DATA, 4096L), Rlimit.DATA))
                .isEqualTo(new ResourceLimit("DATA", 2, 4096, 4096));
        assertThat(rlimits(limits, TestHost.VERSION_2, Map.of()))
                .extracting(ResourceLimit::name)
                .doesNotContain("DATA");
    }

    @ParameterizedTest
    @CsvSource({"1, 17", "32, 48", "33, 49", "100, 150"})
    void processesThatAreWatchedHaveABackstop(long pids, long expected) {
        ResourceLimits limits = ResourceLimits.standard().pids(pids);
        assertThat(rlimit(limits.bestEffort(LimitItem.PIDS), Map.of(), Rlimit.NPROC))
                .isEqualTo(new ResourceLimit("NPROC", 6, expected, expected));
        long usual = Rlimit.NPROC.defaultValue().orElseThrow().soft();
        assertThat(
                        rlimits(limits, TestHost.VERSION_2, Map.of()).stream()
                                .filter(limit -> limit.name().equals("NPROC")))
                .singleElement()
                .satisfies(limit -> assertThat(limit.soft()).isEqualTo(usual));
    }

    @Test
    void aBackstopDoesNotRaiseWhatIsLower() {
        ResourceLimits limits =
                spec().rlimit(Rlimit.NPROC, 3, 5).rlimit(Rlimit.DATA, 7, 9).spec().limits();
        assertThat(rlimit(limits, Map.of(), Rlimit.NPROC))
                .isEqualTo(new ResourceLimit("NPROC", 6, 3, 5));
        assertThat(rlimit(limits, Map.of(), Rlimit.DATA))
                .isEqualTo(new ResourceLimit("DATA", 2, 7, 9));
    }

    @Test
    void theBackstopOfALimitBeyondAllBoundsIsBeyondAnyHost() {
        long most = Long.MAX_VALUE;
        ResourceLimits limits =
                ResourceLimits.unlimited()
                        .memory(Bytes.of(most))
                        .pids(most)
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS);
        assertThat(rlimits(limits, ControlGroups.NONE, Map.of()))
                .filteredOn(limit -> limit.name().equals("DATA"))
                .allSatisfy(limit -> assertThat(limit.soft()).isGreaterThan(1L << 60));
        assertThat(rlimit(limits, Map.of(), Rlimit.NPROC).soft()).isPositive();
    }

    @Test
    void rlimitsAreCappedByTheHardLimitsOfTheJvm() {
        ResourceLimits limits = spec().rlimit(Rlimit.NOFILE, 50, 5000).spec().limits();
        assertThat(rlimit(limits, Map.of(Rlimit.NOFILE, 100L), Rlimit.NOFILE))
                .isEqualTo(new ResourceLimit("NOFILE", 7, 50, 100));
        assertThat(rlimit(limits, Map.of(Rlimit.NOFILE, 20L), Rlimit.NOFILE))
                .isEqualTo(new ResourceLimit("NOFILE", 7, 20, 20));
        assertThat(rlimit(limits, Map.of(), Rlimit.NOFILE))
                .isEqualTo(new ResourceLimit("NOFILE", 7, 50, 5000));
    }

    @Test
    void anUnlimitedRlimitBecomesTheHardLimitOfTheJvm() {
        ResourceLimits limits = spec().rlimit(Rlimit.AS, -1, -1).spec().limits();
        assertThat(rlimit(limits, Map.of(), Rlimit.AS))
                .isEqualTo(new ResourceLimit("AS", 9, -1, -1));
        assertThat(rlimit(limits, Map.of(Rlimit.AS, 4096L), Rlimit.AS))
                .isEqualTo(new ResourceLimit("AS", 9, 4096, 4096));
    }

    @Test
    void theDefaultRlimitsAreSetOnEveryLaunch() {
        assertThat(rlimits(ResourceLimits.standard(), ControlGroups.NONE, Map.of()))
                .contains(new ResourceLimit("CORE", 4, 0, 0))
                .extracting(ResourceLimit::name)
                .doesNotHaveDuplicates()
                .contains("NPROC", "NOFILE", "MEMLOCK", "SIGPENDING", "MSGQUEUE");
    }

    private static ResourceLimit rlimit(
            ResourceLimits limits, Map<Rlimit, Long> hard, Rlimit wanted) {
        return rlimits(limits, ControlGroups.NONE, hard).stream()
                .filter(limit -> limit.name().equals(wanted.name()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheUserHasBesideTheRunCountsAgainstItsProcessesAndIsAdded() {
        LimitPlan plan = LimitPlanner.plan(ResourceLimits.standard(), ControlGroups.NONE, Map.of());
        assertThat(LaunchPlanner.rlimits(ResourceLimits.standard(), plan, ORDINARY.withTasks(1000)))
                .filteredOn(limit -> limit.name().equals("NPROC"))
                .singleElement()
                .satisfies(limit -> assertThat(limit.soft()).isEqualTo(1384));
    }

    private static HostFacts withHardLimits(Map<Rlimit, Long> hard) {
        return new HostFacts(
                1,
                1,
                false,
                false,
                true,
                hard,
                TestHost.TREE,
                ControlGroups.NONE,
                TestHost.CONTROLS,
                LandlockSupport.of(7));
    }

    private static List<ResourceLimit> rlimits(
            ResourceLimits limits, ControlGroups groups, Map<Rlimit, Long> hard) {
        return LaunchPlanner.rlimits(
                limits, LimitPlanner.plan(limits, groups, Map.of()), withHardLimits(hard));
    }

    @Test
    void aNewUtsNamespaceGetsNamesOfItsOwn() {
        LaunchPlan plan = TestHost.plan(SandboxSpec.strict(), ORDINARY);
        assertThat(plan.hostName()).contains("sandbox");
        assertThat(plan.domainName()).contains("(none)");
        SandboxSpec named = spec().hostName("h").domainName("d").spec();
        assertThat(TestHost.plan(named, ORDINARY).hostName()).contains("h");
        assertThat(TestHost.plan(named, ORDINARY).domainName()).contains("d");
    }

    @Test
    void theHostsUtsNamespaceKeepsItsNames() {
        LaunchPlan plan = TestHost.plan(spec().hostUts().spec(), ORDINARY);
        assertThat(plan.hostName()).isEmpty();
        assertThat(plan.domainName()).isEmpty();
        assertThat(plan.isNew(Namespace.UTS)).isFalse();
    }

    @Test
    void theHostsMountNamespaceGetsNoTree() {
        SandboxSpec spec = spec().hostMount().spec();
        assertThat(LaunchPlanner.mounts(spec, ORDINARY, Optional.empty(), Map.of()))
                .isEqualTo(MountPlan.NONE);
    }

    @Test
    void aKeyringIsJoinedWhereTheKernelHasThem() {
        HostFacts without = facts(1, 1, false, false, false);
        assertThat(TestHost.plan(SandboxSpec.strict(), ORDINARY).keyring())
                .isEqualTo(Keyring.LAUNCHERS);
        assertThat(TestHost.plan(SandboxSpec.strict(), without).keyring()).isEqualTo(Keyring.NONE);
    }

    @Test
    void groupsWithoutAMapAreRefusedByTheSpecificationAlready() {
        assertThatThrownBy(() -> spec().groups(5).spec())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("groups");
        assertThat(SandboxSpec.strict().identity()).isEqualTo(Identity.standard());
    }
}
