package io.cloister.sandbox.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.linux.cgroup.Version1Settings.Inherited;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.LimitKind;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is written for limits, in both versions.
class SettingsTest {
    private static final Set<Controller> ALL = EnumSet.allOf(Controller.class);

    private final List<String> writes = new ArrayList<>();
    private final Map<String, Integer> refused = new HashMap<>();
    private final Settings settings = new Settings(this::write);

    private int write(String file, String text) {
        writes.add(file + "=" + text);
        return refused.getOrDefault(file, 0);
    }

    private static List<Setting> version1(CgroupLimits limits) {
        return Version1Settings.of(limits, ALL, 2, new Inherited("0-3", "0"));
    }

    private static List<Setting> version2(CgroupLimits limits) {
        return Version2Settings.of(limits, ALL);
    }

    @Test
    void version2WritesEveryLimit() {
        assertThat(settings.apply(version2(Limits.everything()))).isEmpty();

        assertThat(writes)
                .containsExactly(
                        "memory.swap.max=0",
                        "memory.high=524288",
                        "memory.max=1048576",
                        "pids.max=20",
                        "cpu.max=50000 100000",
                        "cpu.max.burst=10000",
                        "cpu.weight=200",
                        "cpuset.cpus=0-1",
                        "cpuset.mems=0",
                        "io.weight=50",
                        "io.max=8:0 rbps=1000 wbps=max riops=max wiops=5",
                        "hugetlb.2MB.max=4194304");
    }

    @Test
    void version1WritesEveryLimitButMemory() {
        assertThat(settings.apply(version1(Limits.everything()))).isEmpty();

        assertThat(writes)
                .containsExactly(
                        "pids.max=22",
                        "cpu.cfs_period_us=100000",
                        "cpu.cfs_quota_us=50000",
                        "cpu.cfs_burst_us=10000",
                        "cpu.shares=2048",
                        "cpuset.cpus=0-1",
                        "cpuset.mems=0",
                        "blkio.weight=250",
                        "blkio.throttle.read_bps_device=8:0 1000",
                        "blkio.throttle.write_iops_device=8:0 5",
                        "hugetlb.2MB.limit_in_bytes=4194304");
    }

    @Test
    void theSameLimitsAreNotWrittenAgain() {
        settings.apply(version1(Limits.everything()));
        writes.clear();

        settings.apply(version1(Limits.everything()));
        assertThat(writes).isEmpty();
    }

    @Test
    void whatTheNextRunDoesNotHaveIsTakenAwayInReverseOrder() {
        settings.apply(version1(Limits.everything()));
        writes.clear();

        assertThat(settings.apply(version1(Limits.pids(30)))).isEmpty();
        assertThat(writes)
                .containsExactly(
                        "hugetlb.2MB.limit_in_bytes=-1",
                        "blkio.throttle.write_iops_device=8:0 0",
                        "blkio.throttle.read_bps_device=8:0 0",
                        "blkio.weight=500",
                        "cpuset.mems=0",
                        "cpuset.cpus=0-3",
                        "cpu.shares=1024",
                        "cpu.cfs_burst_us=0",
                        "cpu.cfs_quota_us=-1",
                        "cpu.cfs_period_us=100000",
                        "pids.max=32");
    }

    @Test
    void aQuotaAndItsBurstChangeByWayOfNoLimit() {
        settings.apply(version2(Limits.cpu(50_000, 100_000, 40_000)));
        writes.clear();

        settings.apply(version2(Limits.cpu(20_000, 100_000, 10_000)));
        assertThat(writes)
                .containsExactly("cpu.max.burst=0", "cpu.max=20000 100000", "cpu.max.burst=10000");
    }

    @Test
    void whatCanNotBeWrittenIsTold() {
        refused.put("pids.max", -2);

        assertThat(settings.apply(version2(Limits.usual(4096, 3))))
                .containsExactly(new Unmet(LimitKind.PIDS, "pids.max", "3", 2));
        assertThat(writes).contains("memory.max=4096");
    }

    @Test
    void whatCouldNotBeWrittenIsTriedAgain() {
        refused.put("pids.max", -2);
        settings.apply(version2(Limits.pids(3)));
        refused.clear();
        writes.clear();

        assertThat(settings.apply(version2(Limits.pids(3)))).isEmpty();
        assertThat(writes).containsExactly("pids.max=3");
    }

    @Test
    void anOldLimitThatStaysIsAnError() {
        settings.apply(version1(Limits.pids(3)));
        refused.put("pids.max", -5);

        assertThatThrownBy(() -> settings.apply(List.of()))
                .isInstanceOf(CgroupException.class)
                .hasMessage("pids.max (max) failed: EIO (errno 5)");
    }

    @Test
    void limitsOfOtherControllersAreLeftOut() {
        assertThat(Version2Settings.of(Limits.everything(), Set.of(Controller.PIDS)))
                .extracting(Setting::file)
                .containsExactly("pids.max");
    }

    @Test
    void weightsAreScaled() {
        assertThat(Version1Settings.shares(1)).isEqualTo(10);
        assertThat(Version1Settings.shares(10_000)).isEqualTo(102_400);
        assertThat(Version1Settings.cfqWeight(1)).isEqualTo(10);
        assertThat(Version1Settings.cfqWeight(100)).isEqualTo(500);
        assertThat(Version1Settings.cfqWeight(10_000)).isEqualTo(1000);
        assertThat(Version2Settings.bfqWeight(100)).isEqualTo(100);
        assertThat(Version2Settings.bfqWeight(10_000)).isEqualTo(1000);
    }

    @Test
    void hugePagesAreNamedLikeTheKernelDoes() {
        assertThat(Version2Settings.hugePage(1L << 30)).isEqualTo("1GB");
        assertThat(Version2Settings.hugePage(2L << 20)).isEqualTo("2MB");
        assertThat(Version2Settings.hugePage(64L << 10)).isEqualTo("64KB");
    }

    @Test
    void limitsKnowTheirControllers() {
        assertThat(CgroupLimits.NONE.controllers()).isEmpty();
        assertThat(Limits.usual(1, 1).controllers())
                .containsExactlyInAnyOrder(Controller.MEMORY, Controller.PIDS);
        assertThat(Limits.everything().kinds()).containsExactlyInAnyOrder(LimitKind.values());
    }
}
