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
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.LaunchPlan.ResourceLimit;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class LaunchPlannerTest {

    static Stream<Arguments> limitsOfControlGroups() {
        return Stream.of(
                Arguments.of("memoryLimit", spec().memoryLimit(Bytes.mebibytes(1)).spec()),
                Arguments.of("swapLimit", spec().swapLimit(Bytes.mebibytes(1)).spec()),
                Arguments.of("pidsLimit", spec().pidsLimit(7).spec()),
                Arguments.of("cpus", spec().cpus(0.5).spec()));
    }

    @ParameterizedTest
    @MethodSource("limitsOfControlGroups")
    void aLimitThatNeedsAControlGroupIsRefusedByItsName(String limit, SandboxSpec spec) {
        for (HostFacts facts : List.of(ORDINARY, PRIVILEGED)) {
            assertThatThrownBy(() -> LaunchPlanner.admit(spec, facts))
                    .isInstanceOf(SandboxUnavailableException.class)
                    .hasMessageContaining(limit)
                    .hasMessageContaining("control groups are not enforced yet");
        }
    }

    @Test
    void theStrictSpecificationIsAdmitted() {
        assertThatCode(() -> LaunchPlanner.admit(SandboxSpec.strict(), ORDINARY))
                .doesNotThrowAnyException();
        assertThatCode(() -> LaunchPlanner.admit(SandboxSpec.strict(), PRIVILEGED))
                .doesNotThrowAnyException();
    }

    @Test
    void rootOfTheHostWithoutCapabilitiesIsRefused() {
        HostFacts bare = new HostFacts(0, 0, false, true, true, Map.of(), TestHost.TREE);
        assertThatThrownBy(() -> LaunchPlanner.admit(SandboxSpec.strict(), bare))
                .isInstanceOf(SandboxUnavailableException.class)
                .hasMessageContaining("root without CAP_SETUID and CAP_SETGID");
    }

    @Test
    void rootOfAUserNamespaceIsAdmittedAsAnOrdinaryUser() {
        HostFacts mapped = new HostFacts(0, 0, false, false, true, Map.of(), TestHost.TREE);
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
        "PT1S, 1, 2",
        "PT0.000000001S, 1, 2",
        "PT0.999S, 1, 2",
        "PT1.000000001S, 2, 3",
        "PT2S, 2, 3",
        "PT1H, 3600, 3601"
    })
    void cpuTimeIsRoundedUpToSecondsAndKillsOneSecondLater(Duration limit, long soft, long hard) {
        assertThat(rlimit(ResourceLimits.standard().cpuTime(limit), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, soft, hard));
    }

    @Test
    void aCpuTimeForEverIsALimitThatTheKernelTakes() {
        ResourceLimits limits = ResourceLimits.standard().cpuTime(ChronoUnit.FOREVER.getDuration());
        ResourceLimit limit = rlimit(limits, Map.of(), Rlimit.CPU);
        assertThat(limit.soft()).isPositive();
        assertThat(limit.hard()).isGreaterThan(limit.soft());
    }

    @Test
    void theLowerOneOfCpuTimeAndItsRlimitHolds() {
        ResourceLimits limits = spec().rlimit(Rlimit.CPU, 2, 9).spec().limits();
        assertThat(rlimit(limits.cpuTime(Duration.ofSeconds(5)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 2, 6));
        assertThat(rlimit(limits.cpuTime(Duration.ofSeconds(1)), Map.of(), Rlimit.CPU))
                .isEqualTo(new ResourceLimit("CPU", 0, 1, 2));
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
        assertThat(LaunchPlanner.rlimits(ResourceLimits.standard(), Map.of()))
                .contains(new ResourceLimit("CORE", 4, 0, 0))
                .extracting(ResourceLimit::name)
                .doesNotHaveDuplicates()
                .contains("NPROC", "NOFILE", "MEMLOCK", "SIGPENDING", "MSGQUEUE");
    }

    private static ResourceLimit rlimit(
            ResourceLimits limits, Map<Rlimit, Long> hard, Rlimit wanted) {
        return LaunchPlanner.rlimits(limits, hard).stream()
                .filter(limit -> limit.name().equals(wanted.name()))
                .findFirst()
                .orElseThrow();
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
        HostFacts without = new HostFacts(1, 1, false, false, false, Map.of(), TestHost.TREE);
        assertThat(TestHost.plan(SandboxSpec.strict(), ORDINARY).keyring()).isTrue();
        assertThat(TestHost.plan(SandboxSpec.strict(), without).keyring()).isFalse();
    }

    @Test
    void groupsWithoutAMapAreRefusedByTheSpecificationAlready() {
        assertThatThrownBy(() -> spec().groups(5).spec())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("groups");
        assertThat(SandboxSpec.strict().identity()).isEqualTo(Identity.standard());
    }
}
