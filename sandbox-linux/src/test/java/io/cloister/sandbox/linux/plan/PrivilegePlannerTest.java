package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.SpeculationKind.CACHE_FLUSH;
import static io.cloister.sandbox.linux.plan.SpeculationKind.INDIRECT_BRANCH;
import static io.cloister.sandbox.linux.plan.SpeculationKind.STORE_BYPASS;
import static io.cloister.sandbox.linux.plan.TestHost.CONTROLS;
import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.PRIVILEGED;
import static io.cloister.sandbox.linux.plan.TestHost.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.Privileges;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;
import java.util.Set;

class PrivilegePlannerTest {

    private static final long EINVAL = -22;
    private static final long ENODEV = -19;

    private static PrivilegePlan plan(SandboxSpec spec, HostFacts facts) {
        return TestHost.plan(spec, facts).privileges();
    }

    private static ProcessControls controls(
            long writeExecute, Map<SpeculationKind, Long> kinds, boolean shared, long cores) {
        return new ProcessControls(true, writeExecute, kinds, shared, cores);
    }

    private static List<Enforcement> enforced(Sandbox.Builder builder, HostFacts facts) {
        return Enforced.of(builder.spec(), facts, TestHost.limits(builder.spec(), facts));
    }

    @Test
    void theStrictPolicyKeepsNothingAndAsksForNothing() {
        assertThat(plan(SandboxSpec.strict(), ORDINARY))
                .isEqualTo(new PrivilegePlan(List.of(), true, false, List.of(), false));
        assertThat(enforced(spec(), ORDINARY))
                .contains(
                        new Enforcement("capabilities", "none", "capset"),
                        new Enforcement("boundingSet", "empty", "prctl"),
                        new Enforcement("securebits", "locked", "prctl"),
                        new Enforcement("noNewPrivileges", "on", "prctl"),
                        new Enforcement(
                                "nestedUserNamespaces", "refused", "max_user_namespaces, chroot"))
                .extracting(Enforcement::item)
                .doesNotContain("denyWriteExecute", "speculativeStoreBypass", "coreScheduling");
    }

    @Test
    void whatIsKeptIsTold() {
        Sandbox.Builder builder = spec().keepCapabilities(Capability.NET_RAW, Capability.CHOWN);
        assertThat(plan(builder.spec(), ORDINARY).kept())
                .containsExactly(Capability.CHOWN, Capability.NET_RAW);
        assertThat(enforced(builder, ORDINARY))
                .contains(
                        new Enforcement(
                                "capabilities",
                                "CAP_CHOWN, CAP_NET_RAW",
                                "capset, ambient; within the user namespace"),
                        new Enforcement("boundingSet", "CAP_CHOWN, CAP_NET_RAW", "prctl"));
    }

    @Test
    void withoutAUserNamespaceNothingIsKept() {
        Privileges privileges = Privileges.none().keeping(Capability.NET_BIND_SERVICE);
        for (UserMap users : List.of(new UserMap.Host(), new UserMap.HostDropped())) {
            assertThatThrownBy(() -> PrivilegePlanner.plan(privileges, CONTROLS, users))
                    .isInstanceOfSatisfying(
                            SandboxUnavailableException.class,
                            e -> {
                                assertThat(e).hasMessageContaining("CAP_NET_BIND_SERVICE");
                                assertThat(e.missing()).isEqualTo("a user namespace");
                                assertThat(e.remedy()).isEqualTo("leave hostUser() out");
                            });
        }
    }

    @Test
    void withoutAUserNamespaceLockingTakesARightOfTheJvm() {
        ProcessControls mayNot = new ProcessControls(false, 0, CONTROLS.speculation(), false, 0);
        Sandbox.Builder builder = spec().hostUser();
        assertThat(plan(builder.spec(), PRIVILEGED).locked()).isTrue();
        HostFacts without = TestHost.with(PRIVILEGED, mayNot);
        assertThat(plan(builder.spec(), without).locked()).isFalse();
        assertThat(enforced(builder, without))
                .filteredOn(e -> Set.of("boundingSet", "securebits").contains(e.item()))
                .hasSize(2)
                .noneMatch(Enforcement::holds)
                .allSatisfy(e ->
                        assertThat(e.toString())
                                .contains("not enforced: the JVM has no CAP_SETPCAP"));
        assertThat(plan(SandboxSpec.strict(), TestHost.with(ORDINARY, mayNot)).locked()).isTrue();
        PrivilegePlan host = PrivilegePlanner.plan(Privileges.none(), CONTROLS, new UserMap.Host());
        assertThat(host.locked()).isFalse();
    }

    @Test
    void nestedUserNamespacesAreRefusedByWhatTheSandboxHas() {
        assertThat(enforced(spec().hostUser(), PRIVILEGED))
                .contains(new Enforcement("nestedUserNamespaces", "refused", "chroot"));
        assertThat(enforced(spec().hostMount(), ORDINARY))
                .contains(
                        new Enforcement("nestedUserNamespaces", "refused", "max_user_namespaces"));
        assertThat(enforced(spec().hostMount().hostUser(), PRIVILEGED))
                .contains(
                        Enforcement.notHeld(
                                "nestedUserNamespaces",
                                "see systemCalls",
                                "the system call filter alone"));
    }

    @Test
    void whatTheKernelHasIsPlannedAndTold() {
        Sandbox.Builder builder = spec().harden(Hardening.values());
        assertThat(plan(builder.spec(), ORDINARY))
                .isEqualTo(
                        new PrivilegePlan(
                                List.of(),
                                true,
                                true,
                                List.of(STORE_BYPASS, INDIRECT_BRANCH, CACHE_FLUSH),
                                true));
        assertThat(enforced(builder, ORDINARY))
                .contains(
                        new Enforcement("denyWriteExecute", "on", "prctl"),
                        new Enforcement("speculativeStoreBypass", "off", "prctl"),
                        new Enforcement("indirectBranchSpeculation", "off", "prctl"),
                        new Enforcement("dataCacheFlush", "on", "prctl"),
                        new Enforcement("coreScheduling", "on", "prctl"));
    }

    @Test
    void memoryProtectionThatTheKernelHasNotGotIsRefusedWithTheRemedy() {
        HostFacts old = TestHost.with(ORDINARY, controls(EINVAL, CONTROLS.speculation(), false, 0));
        SandboxSpec spec = spec().harden(Hardening.DENY_WRITE_EXECUTE).spec();
        assertThatThrownBy(() -> LaunchPlanner.admit(spec, old))
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> {
                            assertThat(e)
                                    .hasMessageContaining("DENY_WRITE_EXECUTE")
                                    .hasMessageContaining("EINVAL");
                            assertThat(e.remedy()).isEqualTo("run a kernel from 6.3 on");
                        });
        LaunchPlanner.admit(SandboxSpec.strict(), old);
    }

    @ParameterizedTest
    @CsvSource({"-22, CONFIG_SCHED_CORE=y", "-19, a virtual machine", "-1, CONFIG_SCHED_CORE=y"})
    void coresThatAreNotScheduledAreRefusedWithTheRemedy(long answer, String remedy) {
        HostFacts facts =
                TestHost.with(ORDINARY, controls(0, CONTROLS.speculation(), false, answer));
        SandboxSpec spec = spec().harden(Hardening.CORE_SCHEDULING).spec();
        assertThatThrownBy(() -> LaunchPlanner.admit(spec, facts))
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> {
                            assertThat(e).hasMessageContaining("CORE_SCHEDULING");
                            assertThat(e.remedy()).contains(remedy);
                        });
        LaunchPlanner.admit(SandboxSpec.strict(), facts);
    }

    @ParameterizedTest
    @CsvSource({
        // Documentation/userspace-api/spec_ctrl.rst: PRCTL 1, ENABLE 2, DISABLE 4, FORCE_DISABLE 8
        "STORE_BYPASS, 0, false, NOT_AFFECTED",
        "STORE_BYPASS, 3, false, CONTROLLED",
        "STORE_BYPASS, 5, false, CONTROLLED",
        "STORE_BYPASS, 9, true, CONTROLLED",
        "STORE_BYPASS, 17, true, CONTROLLED",
        "STORE_BYPASS, 2, false, NO_CONTROL",
        "STORE_BYPASS, 4, false, ALWAYS_PROTECTED",
        "INDIRECT_BRANCH, 8, false, ALWAYS_PROTECTED",
        "INDIRECT_BRANCH, 2, false, NO_CONTROL",
        "INDIRECT_BRANCH, -19, false, UNKNOWN",
        "CACHE_FLUSH, 3, false, CONTROLLED",
        "CACHE_FLUSH, 5, false, CONTROLLED",
        "CACHE_FLUSH, 5, true, SHARED_CORES",
        "CACHE_FLUSH, 8, false, NO_CONTROL",
        "CACHE_FLUSH, -19, true, UNKNOWN",
        "CACHE_FLUSH, -22, false, UNKNOWN"
    })
    void anAnswerOfTheKernelMeans(
            SpeculationKind kind, long answer, boolean shared, SpeculationKind.State state) {
        assertThat(kind.state(answer, shared)).isEqualTo(state);
    }

    @Test
    void whatTheProcessorDoesNotNeedOrHaveIsToldAndNotAskedFor() {
        HostFacts facts =
                TestHost.with(
                        ORDINARY,
                        controls(
                                0,
                                Map.of(STORE_BYPASS, 0L, INDIRECT_BRANCH, 2L, CACHE_FLUSH, ENODEV),
                                true,
                                0));
        Sandbox.Builder builder = spec().harden(Hardening.MITIGATE_SPECULATION);
        assertThat(plan(builder.spec(), facts).speculation()).isEmpty();
        assertThat(enforced(builder, facts))
                .contains(
                        new Enforcement(
                                "speculativeStoreBypass",
                                "not needed",
                                "the processor is not affected"),
                        Enforcement.notHeld(
                                "indirectBranchSpeculation",
                                "on",
                                "not enforced: the kernel gives no control over it here"),
                        Enforcement.notHeld(
                                "dataCacheFlush",
                                "off",
                                "not enforced: the kernel does not know it on this processor"
                                        + " (ENODEV)"));
    }

    @Test
    void whatTheKernelAlwaysDoesAndWhatSharedCoresForbidIsTold() {
        HostFacts facts =
                TestHost.with(
                        ORDINARY,
                        controls(
                                0,
                                Map.of(STORE_BYPASS, 4L, INDIRECT_BRANCH, 3L, CACHE_FLUSH, 5L),
                                true,
                                0));
        Sandbox.Builder builder = spec().harden(Hardening.MITIGATE_SPECULATION);
        assertThat(plan(builder.spec(), facts).speculation()).containsExactly(INDIRECT_BRANCH);
        assertThat(enforced(builder, facts))
                .contains(
                        new Enforcement(
                                "speculativeStoreBypass",
                                "off",
                                "by the kernel, for every process"),
                        new Enforcement("indirectBranchSpeculation", "off", "prctl"),
                        Enforcement.notHeld(
                                "dataCacheFlush",
                                "off",
                                "not enforced: a core may run two threads at once"));
    }
}
