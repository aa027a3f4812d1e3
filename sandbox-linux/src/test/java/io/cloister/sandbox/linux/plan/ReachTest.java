package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.VERSION_1;
import static io.cloister.sandbox.linux.plan.TestHost.VERSION_2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What is out of the program's reach, and what is out of the JVM's sight.
class ReachTest {

    private static final ControlGroups MOUNTED =
            mounted(VERSION_2, List.of(Path.of("/sys/fs/cgroup")));

    private static ControlGroups mounted(ControlGroups groups, List<Path> points) {
        return new ControlGroups(
                groups.available(), groups.version1(), groups.missing(), true, false, points);
    }

    private static ControlGroups hidden(ControlGroups groups) {
        return new ControlGroups(
                groups.available(), groups.version1(), groups.missing(), true, true, List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sys", "/sys/fs/cgroup", "/sys/fs/cgroup/user.slice"})
    void aProgramThatCanWriteToItsGroupGetsNone(String path) {
        Sandbox.Builder builder = Sandbox.builder().writable(Path.of(path), "/x");
        ControlGroups groups = LaunchPlanner.beyondReach(builder.spec(), MOUNTED);
        assertThat(groups.available()).isEmpty();
        assertThat(groups.missing(Controller.MEMORY).why()).contains("[/sys/fs/cgroup]");
        assertThat(groups.missing(Controller.DEVICES))
                .isEqualTo(MOUNTED.missing(Controller.DEVICES));
    }

    @Test
    void aProgramOnTheHostsMountsGetsNone() {
        assertThat(LaunchPlanner.beyondReach(Sandbox.builder().hostMount().spec(), MOUNTED))
                .extracting(ControlGroups::available)
                .isEqualTo(java.util.Set.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/srv", "/sys/fs/cgroupish"})
    void aProgramThatCannotReachItsGroupKeepsIt(String path) {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .readOnly(Path.of("/sys/fs/cgroup"), "/sys/fs/cgroup")
                        .writable(Path.of(path), "/x");
        assertThat(LaunchPlanner.beyondReach(builder.spec(), MOUNTED)).isSameAs(MOUNTED);
    }

    @Test
    void groupsOfVersion1BelongToRootAndStay() {
        ControlGroups hybrid = mounted(VERSION_1, List.of(Path.of("/sys/fs/cgroup/unified")));
        Sandbox.Builder builder = Sandbox.builder().writable(Path.of("/sys"), "/sys");
        assertThat(LaunchPlanner.beyondReach(builder.spec(), hybrid).available())
                .isEqualTo(VERSION_1.version1());
    }

    @Test
    void whatIsOutOfSightIsNotSaidToBeWatched() {
        ResourceLimits limits = ResourceLimits.standard().idleTime(Duration.ofSeconds(1));
        LimitPlan plan =
                LimitPlanner.plan(
                        limits.bestEffort(LimitItem.IDLE_TIME),
                        hidden(ControlGroups.NONE),
                        Map.of());
        assertThat(plan.watchable()).isFalse();
        assertThat(plan.enforced()).noneMatch(e -> e.means().contains("watched"));
        assertThat(plan.enforced())
                .filteredOn(e -> e.item().equals("idleTime"))
                .singleElement()
                .satisfies(e ->
                        assertThat(e.means()).startsWith("not enforced: ").contains("hidepid"));
        assertThat(LimitPlanner.plan(limits, ControlGroups.NONE, Map.of()).watchable()).isTrue();
    }

    @Test
    void aTimeThatNothingCountsIsRefusedIfItIsRequired() {
        ResourceLimits limits = ResourceLimits.unlimited().cpuTime(Duration.ofSeconds(1));
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> LimitPlanner.plan(limits, hidden(ControlGroups.NONE), Map.of()))
                .withMessageContaining("hidepid")
                .withMessageContaining("cpuTime 1s");
        assertThat(LimitPlanner.plan(limits, hidden(VERSION_2), Map.of()).countedByGroup())
                .isTrue();
        assertThat(
                        LimitPlanner.plan(
                                        limits.memory(Bytes.mebibytes(1)),
                                        hidden(VERSION_1),
                                        Map.of())
                                .countedByGroup())
                .isTrue();
    }
}
