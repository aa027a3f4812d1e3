package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.VERSION_1;
import static io.cloister.sandbox.linux.plan.TestHost.VERSION_2;
import static io.cloister.sandbox.policy.LimitItem.*;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.CgroupLimits.CpuQuota;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class LimitPlannerTest {

    private static final ResourceLimits NONE = ResourceLimits.unlimited();

    private static LimitPlan plan(ResourceLimits limits, ControlGroups groups) {
        return LimitPlanner.plan(limits, groups, LimitCase.DEVICES);
    }

    /// Version 2 without `controller`, and why.
    private static ControlGroups without(Controller controller) {
        Set<Controller> others = EnumSet.copyOf(VERSION_2.available());
        others.remove(controller);
        return new ControlGroups(
                others,
                Set.of(),
                Map.of(controller, new ControlGroups.Missing("it rained", "wait for the sun")),
                true);
    }

    private static Enforcement enforced(LimitPlan plan, LimitItem item) {
        return plan.enforced().stream()
                .filter(e -> e.item().equals(item.label()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(item + " is not in " + plan.enforced()));
    }

    @Test
    void everyItemThatTakesAControllerIsTried() {
        Set<LimitItem> others = EnumSet.of(CPU_TIME, IDLE_TIME);
        assertThat(LimitCase.CASES)
                .extracting(LimitCase::item)
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.copyOf(others)));
    }

    @ParameterizedTest
    @FieldSource("io.cloister.sandbox.linux.plan.LimitCase#CASES")
    void aControllerKeepsItsLimit(LimitCase limit) {
        LimitPlan plan = plan(limit.limits(), VERSION_2);
        assertThat(limit.told().apply(plan.group())).isEqualTo(limit.value());
        assertThat(plan.controllers()).contains(limit.controller());
        assertThat(plan.isGrouped()).isTrue();
        assertThat(enforced(plan, limit.item()))
                .isEqualTo(new Enforcement(limit.item().label(), limit.shown(), "cgroup v2"));
        assertThat(plan.watchedMemory()).isEmpty();
        assertThat(plan.watchedPids()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("io.cloister.sandbox.linux.plan.LimitCase#CASES")
    void aLimitThatIsRequiredIsRefusedWithoutItsController(LimitCase limit) {
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> plan(limit.limits(), without(limit.controller())))
                .satisfies(e -> {
                    assertThat(e)
                            .hasMessageStartingWith(
                                    "%s %s was asked for, and this host cannot enforce it: it rained"
                                            .formatted(limit.item().label(), limit.shown()));
                    assertThat(e.missing()).isEqualTo("control group for " + limit.item().label());
                    assertThat(e.remedy())
                            .isEqualTo(
                                    "wait for the sun; or call bestEffort(LimitItem."
                                            + limit.item().name()
                                            + ")");
                });
    }

    @ParameterizedTest
    @FieldSource("io.cloister.sandbox.linux.plan.LimitCase#CASES")
    void aLimitOfBestEffortIsToldWithWhatIsDoneInItsPlace(LimitCase limit) {
        ResourceLimits limits = limit.limits().bestEffort(limit.item());
        LimitPlan plan = plan(limits, without(limit.controller()));
        String means =
                switch (limit.item()) {
                    case MEMORY -> "watched, the sum of all processes; rlimit DATA of each";
                    case PIDS -> "watched, the sum of all processes; rlimit NPROC";
                    default -> "not enforced: it rained";
                };
        assertThat(enforced(plan, limit.item()))
                .isEqualTo(
                        new Enforcement(
                                limit.item().label(),
                                limit.shown(),
                                means,
                                limit.item() == MEMORY || limit.item() == PIDS));
        assertThat(plan.group()).isEqualTo(CgroupLimits.NONE);
        assertThat(plan.controllers()).doesNotContain(limit.controller());
        assertThat(plan.watchedMemory())
                .isEqualTo(limit.item() == MEMORY ? Optional.of(64L << 20) : Optional.empty());
        assertThat(plan.watchedPids())
                .isEqualTo(limit.item() == PIDS ? Optional.of(7L) : Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotLimitedIsNeitherToldNorMissed(LimitItem item) {
        for (ControlGroups groups : List.of(VERSION_2, VERSION_1, ControlGroups.NONE)) {
            LimitPlan plan = plan(NONE, groups);
            assertThat(plan.enforced()).isEmpty();
            assertThat(plan.group()).isEqualTo(CgroupLimits.NONE);
        }
        assertThat(plan(NONE.cpuWeight(5), VERSION_2).enforced())
                .extracting(Enforcement::item)
                .containsExactly("cpuWeight");
    }

    @Test
    void aHostThatSaysNothingOfAControllerStillNamesARemedy() {
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> plan(NONE.memory(Bytes.of(5)), ControlGroups.NONE))
                .withMessageContaining("no control group of this JVM has it")
                .withMessageContaining("sandbox doctor");
    }

    @Test
    void limitsThroughVersion1AreCalledSo() {
        ResourceLimits limits =
                NONE.memory(Bytes.of(9)).pids(3).cpus(1).cpuTime(Duration.ofSeconds(1));
        assertThat(plan(limits, VERSION_1).enforced())
                .extracting(Enforcement::toString)
                .containsExactly(
                        "memory 9 (cgroup v1)",
                        "pids 3 (cgroup v1)",
                        "cpus 1.0 (cgroup v1)",
                        "cpuTime 1s (cgroup v1, all processes; rlimit CPU of each process)");
    }

    @Test
    void eachHierarchyOfAHybridHostIsNamed() {
        ControlGroups hybrid =
                new ControlGroups(VERSION_2.available(), Set.of(Controller.MEMORY), Map.of(), true);
        LimitPlan plan = plan(NONE.memory(Bytes.of(9)).pids(3), hybrid);
        assertThat(enforced(plan, MEMORY).means()).isEqualTo("cgroup v1");
        assertThat(enforced(plan, PIDS).means()).isEqualTo("cgroup v2");
    }

    @Test
    void version1SlowsNobodyDownForMemory() {
        ResourceLimits limits = NONE.memoryHigh(Bytes.mebibytes(1));
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> plan(limits, VERSION_1))
                .withMessageContaining("memoryHigh 1m was asked for")
                .withMessageContaining("cgroup v1, which has no memory.high")
                .satisfies(e ->
                        assertThat(e.remedy())
                                .contains("systemd.unified_cgroup_hierarchy=1")
                                .endsWith("or call bestEffort(LimitItem.MEMORY_HIGH)"));
        LimitPlan plan = plan(limits.bestEffort(MEMORY_HIGH), VERSION_1);
        assertThat(plan.group().memoryHigh()).isEmpty();
        assertThat(enforced(plan, MEMORY_HIGH).means())
                .startsWith("not enforced: memory is in a hierarchy of cgroup v1");
    }

    @Test
    void aHostWithoutSwapKeepsEveryLimitOnIt() {
        for (ControlGroups groups :
                List.of(
                        new ControlGroups(VERSION_2.available(), Set.of(), Map.of(), false),
                        ControlGroups.NONE)) {
            LimitPlan plan = plan(NONE.swap(Bytes.mebibytes(1)), groups);
            assertThat(plan.group().swapMax()).isEmpty();
            assertThat(enforced(plan, SWAP))
                    .isEqualTo(new Enforcement("swap", "1m", "the host has none"));
        }
    }

    @Test
    void theFirstProcessIsNotAmongThoseThatAreLimited() {
        assertThat(plan(NONE.pids(1), VERSION_2).group().pidsMax()).contains(2L);
        LimitPlan watched = plan(NONE.pids(1).bestEffort(PIDS), ControlGroups.NONE);
        assertThat(watched.watchedPids()).contains(1L);
        assertThat(watched.group().pidsMax()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {4_194_304, Integer.MAX_VALUE, Long.MAX_VALUE})
    void aLimitOnProcessesThatNoHostReachesIsOneThatTheKernelTakes(long pids) {
        // The kernel refuses more than PID_MAX_LIMIT, 4194304 (kernel/cgroup/pids.c).
        assertThat(plan(NONE.pids(pids), VERSION_2).group().pidsMax())
                .hasValueSatisfying(max -> assertThat(max).isBetween(1L, 4_194_304L));
    }

    @ParameterizedTest
    @CsvSource({
        "0.01, 1000",
        "0.0149, 1490",
        "0.012344, 1234",
        "0.012346, 1235",
        "0.5, 50000",
        "1, 100000",
        "2.25, 225000",
        "10000, 1000000000"
    })
    void processorsAreMicrosecondsOfAPeriodOf100Milliseconds(double cpus, long micros) {
        assertThat(plan(NONE.cpus(cpus), VERSION_2).group().cpuMax())
                .contains(new CpuQuota(micros, 100_000, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, PT0.05S, 50000",
        "1, PT0.000001S, 1",
        "1, PT0.0000019S, 1",
        "0.012344, PT0.0012344S, 1234",
        "0.012346, PT0.0012346S, 1234"
    })
    void aBurstIsInWholeMicrosecondsAndNeverAboveTheQuota(
            double cpus, Duration burst, long micros) {
        CpuQuota quota =
                plan(NONE.cpus(cpus).cpuBurst(burst).requireConsistent(), VERSION_2)
                        .group()
                        .cpuMax()
                        .orElseThrow();
        assertThat(quota.burstMicros()).isEqualTo(micros).isLessThanOrEqualTo(quota.quotaMicros());
    }

    @Test
    void aGroupOfVersion2HasAllControllersThatThereAre() {
        for (ResourceLimits limits :
                List.of(NONE.cpuTime(Duration.ofSeconds(1)), NONE.cpuWeight(1))) {
            assertThat(plan(limits, VERSION_2).controllers()).isEqualTo(VERSION_2.available());
            assertThat(plan(limits, without(Controller.PIDS)).controllers())
                    .isEqualTo(without(Controller.PIDS).available());
        }
    }

    @Test
    void aGroupOfVersion1HasWhatCountsWhatEndsAllAndWhatItsLimitsTake() {
        ResourceLimits timed = NONE.cpuTime(Duration.ofSeconds(1));
        Set<Controller> usual =
                EnumSet.of(
                        Controller.MEMORY,
                        Controller.PIDS,
                        Controller.CPU,
                        Controller.CPUACCT,
                        Controller.FREEZER,
                        Controller.DEVICES);
        assertThat(plan(timed, VERSION_1).controllers()).isEqualTo(usual);
        assertThat(plan(timed.cpuset("0"), VERSION_1).controllers())
                .containsAll(usual)
                .contains(Controller.CPUSET)
                .doesNotContain(Controller.IO, Controller.HUGETLB);
        ResourceLimits all =
                timed.cpuset("0").io(LimitCase.DISK).hugePages(Bytes.mebibytes(2), Bytes.of(0));
        assertThat(plan(all, VERSION_1).controllers()).isEqualTo(VERSION_1.available());
    }

    @Test
    void aHybridGroupHasAllOfVersion2AndWhatItTakesOfVersion1() {
        ControlGroups hybrid =
                new ControlGroups(
                        VERSION_2.available(),
                        Set.of(Controller.MEMORY, Controller.IO),
                        Map.of(),
                        true);
        assertThat(plan(NONE.pids(1), hybrid).controllers())
                .contains(Controller.MEMORY, Controller.CPUSET, Controller.HUGETLB)
                .doesNotContain(Controller.IO);
    }

    @Test
    void withoutALimitThatWantsOneNoGroupIsMade() {
        ResourceLimits none =
                NONE.wallTime(Duration.ofSeconds(1)).output(Bytes.of(1)).extraTime(Duration.ZERO);
        for (ControlGroups groups : List.of(VERSION_1, VERSION_2)) {
            assertThat(plan(none, groups).isGrouped()).isFalse();
            assertThat(plan(none, groups).countedByGroup()).isFalse();
            assertThat(plan(NONE.idleTime(Duration.ofSeconds(1)), groups).isGrouped()).isTrue();
            assertThat(plan(NONE.cpuWeight(1), groups).countedByGroup()).isTrue();
        }
    }

    @Test
    void withoutAnyControllerNoGroupIsMade() {
        LimitPlan plan = plan(ResourceLimits.standard(), ControlGroups.NONE);
        assertThat(plan.isGrouped()).isFalse();
        assertThat(plan.countedByGroup()).isFalse();
        assertThat(plan.watchedMemory()).contains(1L << 30);
        assertThat(plan.watchedPids()).contains(256L);
    }

    @Test
    void theDefaultsAreKeptByAGroupWhereThereIsOne() {
        LimitPlan plan = plan(ResourceLimits.standard(), VERSION_2);
        assertThat(plan.enforced())
                .extracting(Enforcement::toString)
                .containsExactly(
                        "memory 1g (cgroup v2)",
                        "swap 0 (cgroup v2)",
                        "pids 256 (cgroup v2)",
                        "cpuTime 5m (cgroup v2, all processes; rlimit CPU of each process)");
    }

    @Test
    void timesAreKeptEverywhereAndNeedNoMark() {
        ResourceLimits limits =
                NONE.cpuTime(Duration.ofMillis(1500)).idleTime(Duration.ofSeconds(3));
        assertThat(plan(limits, VERSION_2).enforced())
                .extracting(Enforcement::toString)
                .containsExactly(
                        "cpuTime 1.5s (cgroup v2, all processes; rlimit CPU of each process)",
                        "idleTime 3s (watched, cgroup v2)");
        assertThat(plan(limits, VERSION_2).countedByGroup()).isTrue();
        assertThat(plan(limits, ControlGroups.NONE).enforced())
                .extracting(Enforcement::toString)
                .containsExactly(
                        "cpuTime 1.5s (watched, all processes, in steps of 10 ms; rlimit CPU of"
                                + " each process)",
                        "idleTime 3s (watched, all processes, in steps of 10 ms)");
    }

    @Test
    void itemsAreToldInTheOrderOfTheSpecification() {
        ResourceLimits all =
                NONE.memory(Bytes.of(1))
                        .memoryHigh(Bytes.of(1))
                        .swap(Bytes.of(1))
                        .pids(1)
                        .cpus(1)
                        .cpuBurst(Duration.ofMillis(1))
                        .cpuWeight(1)
                        .cpuset("0")
                        .memoryNodes("0")
                        .ioWeight(1)
                        .io(LimitCase.DISK)
                        .hugePages(Bytes.mebibytes(2), Bytes.of(0))
                        .cpuTime(Duration.ofSeconds(1))
                        .idleTime(Duration.ofSeconds(1));
        assertThat(plan(all, VERSION_2).enforced())
                .extracting(Enforcement::item)
                .containsExactly(
                        "memory",
                        "memoryHigh",
                        "swap",
                        "pids",
                        "cpus",
                        "cpuBurst",
                        "cpuWeight",
                        "cpuset",
                        "memoryNodes",
                        "ioWeight",
                        "io",
                        "hugePages",
                        "cpuTime",
                        "idleTime");
    }

    @Test
    void aPlanKeepsItsListsWhateverTheCallerDoes() {
        LimitPlan plan = plan(ResourceLimits.standard(), VERSION_2);
        assertThat(plan.enforced()).isUnmodifiable();
        assertThat(plan.controllers()).isUnmodifiable();
    }
}
