package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.mount.MountStep;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What joining changes of a policy and of a plan.
class SharingPlanTest {

    private static final Set<Namespace> ALL = EnumSet.allOf(Namespace.class);
    private static final Map<Namespace, Long> IDS = Map.of(Namespace.NET, 7L, Namespace.PID, 8L);

    private static Sharing sharing(boolean tracing, Namespace... namespaces) {
        return Sharing.of(
                Set.of(namespaces),
                tracing,
                Sandbox.builder().user(5, 6).spec(),
                Optional.of("theirs"),
                ALL,
                IDS);
    }

    private static LaunchPlan plan(Sharing sharing) {
        SandboxSpec spec = sharing.applied(SandboxSpec.strict());
        MountPlan mounts = mounts(sharing);
        return LaunchPlanner.plan(
                spec,
                TestHost.ORDINARY,
                mounts,
                LimitPlanner.plan(spec.limits(), ControlGroups.NONE, Map.of()),
                LandlockPlan.NONE,
                sharing);
    }

    private static MountPlan mounts(Sharing sharing) {
        return LaunchPlanner.mounts(
                sharing.applied(SandboxSpec.strict()),
                TestHost.ORDINARY,
                Optional.empty(),
                Map.of(),
                sharing);
    }

    private static String file(MountPlan mounts, String path) {
        return mounts.base().steps().stream()
                .filter(MountStep.WriteFile.class::isInstance)
                .map(MountStep.WriteFile.class::cast)
                .filter(step -> step.path().equals(path))
                .map(step -> new String(step.content(), java.nio.charset.StandardCharsets.UTF_8))
                .findFirst()
                .orElse("");
    }

    @Test
    void whatIsJoinedIsNotNew() {
        LaunchPlan plan = plan(sharing(false, Namespace.NET, Namespace.UTS));
        Set<Namespace> fresh = EnumSet.copyOf(ALL);
        fresh.removeAll(Set.of(Namespace.NET, Namespace.UTS));
        assertThat(plan.newNamespaces()).isEqualTo(fresh);
        assertThat(plan.users()).isEqualTo(new UserMap.Single(1000, 1000));
        assertThat(plan.hostName()).isEmpty();
        assertThat(plan.domainName()).isEmpty();
        assertThat(plan(Sharing.NONE).newNamespaces()).isEqualTo(ALL);
    }

    @Test
    void aTracerIsBornInTheUserNamespaceAndStillLocksItsPrivileges() {
        LaunchPlan plan = plan(sharing(true, Namespace.PID));
        assertThat(plan.newNamespaces()).doesNotContain(Namespace.PID, Namespace.USER);
        assertThat(plan.users()).isEqualTo(new UserMap.Host());
        assertThat(plan.privileges().locked()).isTrue();
        assertThat(sharing(true, Namespace.PID).applied(SandboxSpec.strict()).identity().uid())
                .isEqualTo(5);
    }

    @Test
    void filesTellTheNameOfTheSessionAndNothingOfTheHostsNetwork() {
        MountPlan joined = mounts(sharing(false, Namespace.NET, Namespace.UTS));
        assertThat(file(joined, "etc/hostname")).isEqualTo("theirs\n");
        assertThat(file(mounts(sharing(false, Namespace.NET)), "etc/hostname"))
                .isEqualTo("sandbox\n");
        assertThat(joined.toString()).doesNotContain("resolv.conf");
    }

    @Test
    void processesAreThoseThatTheLauncherShows() {
        assertThat(mounts(sharing(false, Namespace.PID)).own())
                .anyMatch(MountStep.HostProc.class::isInstance)
                .noneMatch(MountStep.Proc.class::isInstance);
        assertThat(mounts(sharing(false, Namespace.NET)).own())
                .anyMatch(MountStep.Proc.class::isInstance);
    }

    @Test
    void whatIsTheHostsIsNotJoined() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Sharing.of(
                                Set.of(Namespace.NET),
                                false,
                                SandboxSpec.strict(),
                                Optional.empty(),
                                Set.of(Namespace.IPC),
                                IDS))
                .withMessageContaining("has hostNet()");
    }

    @Test
    void aTracerNeedsASessionOfOneUser() {
        SandboxSpec ranges =
                Sandbox.builder().mapUids(0, 100_000, 2000).mapGids(0, 100_000, 2000).spec();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Sharing.of(Set.of(Namespace.PID), true, ranges, Optional.empty(), ALL, IDS))
                .withMessageContaining("one user");
    }

    @Test
    void whatHoldsTellsTheNamespace() {
        List<Enforcement> list =
                List.of(
                        Enforcement.notHeld("net", "host", "not isolated"),
                        new Enforcement("ipc", "new", "namespace"));
        assertThat(sharing(false, Namespace.NET).told(list))
                .containsExactly(
                        new Enforcement("net", "joined", "namespace 7 of a session"),
                        new Enforcement("ipc", "new", "namespace"));
    }

    @Test
    void itIsNeverReset() {
        SandboxSpec applied = sharing(false, Namespace.NET).applied(SandboxSpec.strict());
        assertThat(Resettable.obstacle(applied)).contains("the policy shares [NET] with others");
        assertThat(Resettable.obstacle(SandboxSpec.strict())).isEmpty();
    }
}
