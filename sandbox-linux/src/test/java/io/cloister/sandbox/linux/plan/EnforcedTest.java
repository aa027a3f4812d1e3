package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

class EnforcedTest {

    private static List<Enforcement> enforced(SandboxSpec spec, HostFacts facts) {
        return Enforced.of(spec, facts, TestHost.limits(spec, facts));
    }

    @ParameterizedTest
    @EnumSource
    void everyNamespaceIsToldAndIsNewInTheStrictSpecification(Namespace namespace) {
        assertThat(enforced(SandboxSpec.strict(), ORDINARY))
                .contains(new Enforcement(namespace.label(), "new", "namespace"));
    }

    @Test
    void aNamespaceOfTheHostIsCalledNotIsolated() {
        List<Enforcement> list = enforced(spec().hostNet().hostMount().spec(), ORDINARY);
        assertThat(list)
                .contains(Enforcement.notHeld("net", "host", "not isolated"))
                .contains(Enforcement.notHeld("mount", "host", "not isolated"))
                .extracting(Enforcement::item)
                .doesNotContain("root");
    }

    @Test
    void privilegesAndFilterAreAlwaysThere() {
        for (SandboxSpec spec :
                List.of(SandboxSpec.strict(), spec().hostNet().hostPid().hostMount().spec())) {
            assertThat(enforced(spec, ORDINARY))
                    .contains(new Enforcement("capabilities", "none", "capset"))
                    .contains(new Enforcement("noNewPrivileges", "on", "prctl"))
                    .contains(new Enforcement("systemCalls", "standard", "seccomp"));
        }
    }

    @Test
    void limitsAreToldWithTheirValue() {
        SandboxSpec spec =
                spec().wallTimeLimit(Duration.ofSeconds(2))
                        .cpuTimeLimit(Duration.ofMillis(1500))
                        .outputLimit(Bytes.kibibytes(3))
                        .spec();
        assertThat(enforced(spec, ORDINARY))
                .contains(new Enforcement("wallTime", "2s", "watched"))
                .anySatisfy(e -> assertThat(e.toString()).startsWith("cpuTime 1.5s"))
                .anySatisfy(e -> assertThat(e.toString()).startsWith("output 3"))
                .contains(new Enforcement("rlimit CPU", "3:4", "rlimit"));
    }

    @Test
    void landlockHoldsWhereItIsThereAndUsed() {
        SandboxSpec strict = SandboxSpec.strict();
        LandlockPlan none =
                new LandlockPlan(7, Set.of(), Set.of(), false, List.of(), Set.of(), List.of());
        LandlockPlan scopes =
                new LandlockPlan(7, Set.of(), Set.of(), true, List.of(), Set.of(), List.of());
        HostFacts without = ORDINARY.withLandlock(LandlockSupport.missing("too old"));
        assertThat(Enforced.landlock(strict, without, none))
                .containsExactly(Enforcement.notHeld("landlock", "not there", "too old"));
        assertThat(Enforced.landlock(strict, ORDINARY, none))
                .containsExactly(
                        Enforcement.notHeld(
                                "landlock", "not used", "ABI 7 has nothing for this policy"));
        assertThat(Enforced.landlock(strict, ORDINARY, scopes))
                .singleElement()
                .matches(Enforcement::holds);
    }

    @Test
    void whatIsUnfilteredDoesNotHold() {
        assertThat(enforced(spec().syscalls(SyscallPolicy.unfiltered()).spec(), ORDINARY))
                .contains(Enforcement.notHeld("systemCalls", "unfiltered", "not filtered"));
        assertThat(enforced(SandboxSpec.strict(), ORDINARY)).allMatch(Enforcement::holds);
    }

    @Test
    void whatIsNotLimitedIsNotTold() {
        SandboxSpec spec = spec().unlimitedCpuTime().unlimitedWallTime().unlimitedOutput().spec();
        assertThat(enforced(spec, ORDINARY))
                .extracting(Enforcement::item)
                .doesNotContain("wallTime", "cpuTime", "output", "rlimit CPU");
    }

    @Test
    void anRlimitIsToldAsItReallyHolds() {
        HostFacts tight =
                new HostFacts(
                        1,
                        1,
                        false,
                        false,
                        true,
                        Map.of(Rlimit.NPROC, 10L),
                        TestHost.TREE,
                        ControlGroups.NONE,
                        TestHost.CONTROLS,
                        LandlockSupport.of(7));
        SandboxSpec spec = spec().rlimit(Rlimit.AS, -1, -1).spec();
        assertThat(enforced(spec, tight))
                .contains(new Enforcement("rlimit NPROC", "10:10", "rlimit"))
                .contains(new Enforcement("rlimit AS", "unlimited:unlimited", "rlimit"));
    }

    @Test
    void theMeansOfALimitIsTold() {
        assertThat(enforced(SandboxSpec.strict(), TestHost.with(ORDINARY, TestHost.VERSION_2)))
                .contains(new Enforcement("memory", "1g", "cgroup v2"))
                .contains(new Enforcement("pids", "256", "cgroup v2"))
                .contains(new Enforcement("swap", "0", "cgroup v2"))
                .extracting(Enforcement::item)
                .doesNotContain("rlimit DATA");
        assertThat(enforced(SandboxSpec.strict(), TestHost.with(ORDINARY, TestHost.VERSION_1)))
                .contains(new Enforcement("memory", "1g", "cgroup v1"));
    }

    @Test
    void aLimitThatIsWatchedIsToldWithItsBackstop() {
        long data = (2L << 30) + (64L << 20);
        assertThat(enforced(SandboxSpec.strict(), ORDINARY))
                .contains(
                        new Enforcement(
                                "memory",
                                "1g",
                                "watched, the sum of all processes; rlimit DATA of each"))
                .contains(new Enforcement("rlimit DATA", data + ":" + data, "rlimit"))
                .contains(new Enforcement("rlimit NPROC", "384:384", "rlimit"));
    }

    @Test
    void limitsStandInTheOrderOfTheSpecification() {
        assertThat(enforced(SandboxSpec.strict(), ORDINARY))
                .extracting(Enforcement::item)
                .containsSubsequence(
                        "systemCalls",
                        "wallTime",
                        "memory",
                        "swap",
                        "pids",
                        "cpuTime",
                        "output",
                        "rlimit CPU");
    }

    @Test
    void theListIsTheCallersToChange() {
        List<Enforcement> list = enforced(SandboxSpec.strict(), ORDINARY);
        list.clear();
        assertThat(list).isEmpty();
    }

    @Test
    void noItemIsToldTwice() {
        assertThat(enforced(SandboxSpec.strict(), ORDINARY))
                .extracting(Enforcement::item)
                .doesNotHaveDuplicates();
    }
}
