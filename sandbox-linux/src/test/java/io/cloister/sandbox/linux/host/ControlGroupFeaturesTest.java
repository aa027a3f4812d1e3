package io.cloister.sandbox.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;

import org.junit.jupiter.api.Test;

class ControlGroupFeaturesTest {

    private static Feature feature(FakeHost host, String name) {
        return ControlGroupFeatures.all(host).stream()
                .filter(feature -> feature.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name));
    }

    private static FakeHost withGroup(String controllers) {
        String group = "/sys/fs/cgroup/user.slice/app.scope";
        return new FakeHost()
                .file("/proc/self/cgroup", "0::/user.slice/app.scope\n")
                .file(
                        "/proc/self/mountinfo",
                        "22 1 0:21 / /proc rw - proc proc rw\n"
                                + "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
                .file("/proc/self/stat", "100 (java) S 50 1 1")
                .file("/proc/100/stat", "100 (java) S 50 1 1")
                .file("/proc/100/status", "Uid:\t1000\t1000\n")
                .file(group + "/cgroup.type", "domain\n")
                .file(group + "/cgroup.controllers", controllers + "\n")
                .file(group + "/cgroup.subtree_control", "\n")
                .file(group + "/cgroup.procs", "100\n");
    }

    @Test
    void controlGroupsOfVersion2AreThoseOfAGroupThatIsDelegated() {
        String group = "/sys/fs/cgroup/user.slice/app.scope";
        FakeHost host =
                withGroup("memory pids")
                        .owned(group, 1000, "cgroup.procs", "cgroup.subtree_control");

        assertThat(feature(host, "control group memory"))
                .extracting(Feature::status, Feature::remedy, Feature::required)
                .containsExactly(Status.AVAILABLE, "", false);
        assertThat(feature(host, "control group memory").detail())
                .startsWith("version 2, below " + group);
        assertThat(feature(host, "control group pids").status()).isEqualTo(Status.AVAILABLE);
        assertThat(feature(host, "control group cpuacct").status()).isEqualTo(Status.AVAILABLE);
        assertThat(feature(host, "control group freezer").status()).isEqualTo(Status.AVAILABLE);
        assertThat(feature(host, "control group cpu"))
                .extracting(Feature::status, Feature::required)
                .containsExactly(Status.MISSING, false);
    }

    @Test
    void aGroupThatIsNotDelegatedIsMissingWithItsRemedy() {
        Feature memory = feature(withGroup("memory pids"), "control group memory");

        assertThat(memory.status()).isEqualTo(Status.MISSING);
        assertThat(memory.detail())
                .isEqualTo("group /user.slice/app.scope is not delegated to user 1000");
        assertThat(memory.remedy())
                .isEqualTo("systemd-run --user --scope -p Delegate=yes java ...");
    }

    @Test
    void controlGroupsOfVersion1AreFoundByTheirHierarchy() {
        FakeHost host =
                new FakeHost()
                        .file("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/b:c\n0::/\n")
                        .file(
                                "/proc/self/mountinfo",
                                "30 1 0:26 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n")
                        .file("/proc/cgroups", "#subsys_name\th\tn\te\nblkio\t0\t1\t0\n")
                        .owned("/cg/cpu/a", 1000);

        assertThat(feature(host, "control group cpu"))
                .extracting(Feature::status, Feature::detail)
                .containsExactly(Status.AVAILABLE, "version 1, below /cg/cpu/a");
        assertThat(feature(host, "control group memory"))
                .extracting(Feature::status, Feature::detail)
                .containsExactly(Status.MISSING, "version 1 has it, but is not mounted");
        assertThat(feature(host, "control group io").remedy()).contains("cgroup_disable=blkio");
    }

    @Test
    void everyControllerThatALimitTakesIsReportedAndNoneIsRequired() {
        assertThat(ControlGroupFeatures.all(new FakeHost()))
                .allSatisfy(feature -> {
                    assertThat(feature.required()).isFalse();
                    assertThat(feature.status()).isEqualTo(Status.MISSING);
                    assertThat(feature.remedy()).isNotEmpty();
                })
                .extracting(Feature::name)
                .containsExactly(
                        "control group memory",
                        "control group pids",
                        "control group cpu",
                        "control group cpuacct",
                        "control group cpuset",
                        "control group io",
                        "control group hugetlb",
                        "control group freezer");
    }
}
