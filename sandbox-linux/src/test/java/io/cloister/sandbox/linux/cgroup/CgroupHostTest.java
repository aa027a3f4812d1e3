package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.limit.Controller.*;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.cgroup.Unified.Own;
import io.cloister.sandbox.linux.limit.Controller;

import org.junit.jupiter.api.Test;

import java.util.Set;

/// Where groups go on hosts of all kinds, told by their texts.
class CgroupHostTest {
    private static final String ALL = "cpuset cpu io memory pids";
    private static final String TOP = "/sys/fs/cgroup";

    private static FakeGroups systemd(int uid, String group) {
        return new FakeGroups(uid)
                .membership("0::" + group + "\n")
                .mountVersion2()
                .topmost(TOP, 0, ALL, ALL, "1 2");
    }

    private static FakeGroups service(int uid, int owner) {
        return systemd(uid, "/system.slice/app.service")
                .group(TOP + "/system.slice", 0, ALL, "memory pids", "")
                .group(TOP + "/system.slice/app.service", owner, ALL, "", "100");
    }

    private static FakeGroups session(String handedOut) {
        String user = TOP + "/user.slice/user-1000.slice/user@1000.service";
        return systemd(1000, "/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope")
                .group(TOP + "/user.slice", 0, ALL, handedOut, "")
                .group(TOP + "/user.slice/user-1000.slice", 0, handedOut, handedOut, "")
                .group(user, 1000, handedOut, handedOut, "")
                .group(user + "/app.slice", 1000, handedOut, "", "")
                .group(user + "/app.slice/term.scope", 1000, handedOut, "", "50 100");
    }

    private static Unified found(FakeGroups host) {
        return host.detect().unified().orElseThrow();
    }

    private static Missing missing(FakeGroups host, Controller controller) {
        return host.detect().missing(controller).orElseThrow();
    }

    @Test
    void rootInAnUndelegatedServiceUsesTheTopmostGroupWithWhatItHandsOut() {
        Unified found = found(service(0, 0).topmost(TOP, 0, ALL, "memory pids", "1"));

        assertThat(found.own()).isEqualTo(Own.TOPMOST);
        assertThat(found.directory()).isEqualTo(TOP);
        assertThat(found.controllers()).containsExactlyInAnyOrder(MEMORY, PIDS, CPUACCT, FREEZER);
        assertThat(found.toEnable()).isEmpty();
        assertThat(found.occupied()).isFalse();
    }

    @Test
    void whatTheTopmostGroupDoesNotHandOutIsMissingWithTheCommand() {
        FakeGroups host = service(0, 0).topmost(TOP, 0, ALL, "memory pids", "1");

        assertThat(missing(host, CPU).remedy())
                .isEqualTo("as root: echo +cpu > /sys/fs/cgroup/cgroup.subtree_control");
    }

    @Test
    void rootInADelegatedServiceUsesItsOwnGroupAndLeavesItsTop() {
        String unit = TOP + "/system.slice/app.service";
        Unified found = found(service(0, 0).delegate(unit));

        assertThat(found.own()).isEqualTo(Own.DELEGATED);
        assertThat(found.directory()).isEqualTo(unit);
        assertThat(found.controllers()).contains(CPU, CPUSET, IO, MEMORY, PIDS);
        assertThat(found.toEnable()).containsExactlyInAnyOrder(CPU, CPUSET, IO, MEMORY, PIDS);
        assertThat(found.occupied()).isTrue();
    }

    @Test
    void aUserInADelegatedServiceUsesItsOwnGroup() {
        assertThat(found(service(1000, 1000)).own()).isEqualTo(Own.DELEGATED);
    }

    @Test
    void aUserInAnUndelegatedServiceIsToldTheLineOfTheUnitFile() {
        FakeGroups host = service(1000, 0);

        assertThat(host.detect().available()).isEmpty();
        assertThat(host.detect().hasVersion2()).isFalse();
        assertThat(missing(host, MEMORY).remedy())
                .contains("Delegate=yes")
                .contains("[Service]")
                .contains("systemctl restart app.service");
    }

    @Test
    void anAttributeOfSomethingElseIsNoDelegation() {
        assertThat(found(service(0, 0).delegate(TOP + "/system.slice")).own())
                .isEqualTo(Own.TOPMOST);
    }

    @Test
    void aSessionUsesTheGroupAboveThatHasNoProcesses() {
        Unified found = found(session("cpu memory pids"));

        assertThat(found.own()).isEqualTo(Own.ANCESTOR);
        assertThat(found.directory()).endsWith("/user@1000.service/app.slice");
        assertThat(found.toEnable()).containsExactlyInAnyOrder(CPU, MEMORY, PIDS);
        assertThat(found.occupied()).isFalse();
    }

    @Test
    void aGroupThatTheJvmIsAloneInComesBeforeTheOneAbove() {
        FakeGroups host = session("memory pids");
        String scope = TOP + "/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope";
        host.process("101", 1000, "100").file(scope + "/cgroup.procs", "100\n101\n");

        Unified found = found(host);
        assertThat(found.own()).isEqualTo(Own.DELEGATED);
        assertThat(found.directory()).isEqualTo(scope);
        assertThat(found.occupied()).isTrue();
    }

    @Test
    void aControllerThatTheSessionWasNotGivenIsMissingWithTheDropIn() {
        assertThat(missing(session("memory pids"), CPUSET).remedy())
                .contains("/etc/systemd/system/user@.service.d/delegate.conf")
                .contains("Delegate=cpu cpuset io memory pids");
    }

    @Test
    void aLoginScopeThatBelongsToRootIsToldToStartAScope() {
        FakeGroups host =
                systemd(1000, "/user.slice/user-1000.slice/session-3.scope")
                        .group(TOP + "/user.slice", 0, ALL, ALL, "")
                        .group(TOP + "/user.slice/user-1000.slice", 0, ALL, ALL, "")
                        .group(
                                TOP + "/user.slice/user-1000.slice/session-3.scope",
                                0,
                                ALL,
                                "",
                                "50 100");

        assertThat(missing(host, PIDS).remedy())
                .isEqualTo("systemd-run --user --scope -p Delegate=yes java ...");
    }

    @Test
    void aDelegatedGroupSharedWithOthersOfOursIsTheLastResort() {
        FakeGroups host =
                systemd(1000, "/user@1000.service")
                        .group(TOP + "/user@1000.service", 1000, ALL, "", "50 100");

        assertThat(found(host).own()).isEqualTo(Own.SHARED);
        assertThat(found(host).occupied()).isTrue();
    }

    @Test
    void aGroupWithProcessesOfAnotherUserIsNotTaken() {
        FakeGroups host =
                systemd(1000, "/g")
                        .group(TOP + "/g", 1000, ALL, "", "60 100")
                        .process("60", 0, "1");

        assertThat(host.detect().available()).isEmpty();
    }

    @Test
    void aJvmInTheLeafOfAnotherOneUsesTheGroupAboveIt() {
        FakeGroups host =
                systemd(1000, "/g/cloister.jvm")
                        .group(TOP + "/g", 1000, ALL, "cpuset cpu io memory pids", "")
                        .group(TOP + "/g/cloister.jvm", 1000, ALL, "", "50 100");

        Unified found = found(host);
        assertThat(found.directory()).isEqualTo(TOP + "/g");
        assertThat(found.toEnable()).isEmpty();
        assertThat(found.occupied()).isFalse();
    }

    @Test
    void aThreadedGroupIsNotTaken() {
        FakeGroups host =
                systemd(1000, "/g")
                        .group(TOP + "/g", 1000, ALL, "", "100")
                        .file(TOP + "/g/cgroup.type", "domain threaded\n");

        assertThat(host.detect().available()).isEmpty();
    }

    @Test
    void aContainerWithAWritableNamespaceUsesItsTop() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("0::/\n")
                        .mountVersion2()
                        .group(TOP, 0, "cpu memory pids", "", "50 100");

        Unified found = found(host);
        assertThat(found.own()).isEqualTo(Own.SHARED);
        assertThat(found.occupied()).isTrue();
        assertThat(host.detect().available()).contains(CPU, MEMORY, PIDS);
        assertThat(missing(host, IO).remedy()).contains("let the host give");
    }

    @Test
    void aContainerWithProcessesThatItCanNotSeeLeavesThemAlone() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("0::/\n")
                        .mountVersion2()
                        .group(TOP, 0, "memory pids", "", "0 100");

        assertThat(found(host).own()).isEqualTo(Own.TOPMOST);
        assertThat(found(host).controllers()).doesNotContain(MEMORY);
    }

    @Test
    void aContainerWithAReadOnlyMountIsToldTheFlags() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("0::/\n")
                        .mountVersion2()
                        .group(TOP, 0, "memory pids", "", "100")
                        .readOnly(TOP);

        assertThat(host.detect().available()).isEmpty();
        assertThat(missing(host, MEMORY).remedy())
                .contains("--cgroupns=private")
                .contains("--privileged");
    }

    @Test
    void aContainerThatSeesOnlyItsPartOfTheHostsTreeFindsIt() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("0::/docker/abc\n")
                        .mount("/docker/abc", TOP, "cgroup2", "nsdelegate")
                        .group(TOP, 0, "memory", "", "100");

        assertThat(found(host).directory()).isEqualTo(TOP);
    }

    @Test
    void aGroupOutsideOfTheNamespaceIsNotSeen() {
        FakeGroups host = new FakeGroups(0).membership("0::/../other\n").mountVersion2();

        assertThat(missing(host, MEMORY).why()).contains("/../other");
    }

    @Test
    void theConfiguredGroupComesFirst() {
        FakeGroups host =
                service(0, 0)
                        .delegate(TOP + "/system.slice/app.service")
                        .group(TOP + "/sandboxes", 0, ALL, "", "")
                        .configured("/sandboxes");

        assertThat(found(host).own()).isEqualTo(Own.CONFIGURED);
        assertThat(found(host).directory()).isEqualTo(TOP + "/sandboxes");
        assertThat(found(host).occupied()).isFalse();
    }

    @Test
    void aConfiguredGroupThatIsNotOursIsAnErrorAndNothingElseIsTaken() {
        FakeGroups host = service(1000, 1000).configured("/elsewhere");

        assertThat(host.detect().available()).isEmpty();
        assertThat(missing(host, MEMORY).why())
                .startsWith("io.cloister.sandbox.cgroup names /sys/fs/cgroup/elsewhere");
    }

    private static FakeGroups hybrid(int uid) {
        return new FakeGroups(uid)
                .membership(
                        "9:name=systemd:/\n"
                                + "6:freezer:/\n"
                                + "5:cpu,cpuacct:/\n"
                                + "4:memory:/app\n"
                                + "3:pids:/\n"
                                + "0::/\n")
                .mount("/", TOP + "/cpu,cpuacct", "cgroup", "cpu,cpuacct")
                .mount("/", TOP + "/memory", "cgroup", "memory")
                .mount("/", TOP + "/unified", "cgroup2", "")
                .topmost(TOP + "/unified", 0, "", "", "1")
                .writable(TOP + "/cpu,cpuacct")
                .writable(TOP + "/memory/app");
    }

    @Test
    void aHybridHostUsesVersion1BelowTheGroupOfTheJvmAndIgnoresTheEmptyVersion2() {
        CgroupHost found = hybrid(0).detect();

        assertThat(found.hasVersion2()).isFalse();
        assertThat(found.version1()).isEqualTo(Set.of(CPU, CPUACCT, MEMORY));
        assertThat(found.directories())
                .containsEntry(MEMORY, TOP + "/memory/app")
                .containsEntry(CPU, TOP + "/cpu,cpuacct")
                .containsEntry(CPUACCT, TOP + "/cpu,cpuacct");
        assertThat(found.where(MEMORY)).hasValue("version 1, below /sys/fs/cgroup/memory/app");
    }

    @Test
    void aHierarchyThatIsNotMountedIsMissingWithTheMount() {
        assertThat(missing(hybrid(0), PIDS).remedy())
                .isEqualTo("mount -t cgroup -o pids none /sys/fs/cgroup/pids");
    }

    @Test
    void anOrdinaryUserCanNotUseVersion1() {
        FakeGroups host = hybrid(1000).readOnly(TOP);

        assertThat(host.detect().available()).isEmpty();
        assertThat(missing(host, MEMORY).remedy()).contains("systemd.unified_cgroup_hierarchy=1");
    }

    @Test
    void aHostWithMemoryInVersion1AndTheRestInVersion2UsesBoth() {
        CgroupHost found =
                new FakeGroups(0)
                        .membership("4:memory:/\n0::/\n")
                        .mount("/", "/cg/memory", "cgroup", "memory")
                        .mount("/", "/cg/unified", "cgroup2", "")
                        .topmost("/cg/unified", 0, "cpu pids", "cpu pids", "1")
                        .writable("/cg/memory")
                        .detect();

        assertThat(found.version1()).containsExactly(MEMORY);
        assertThat(found.unified().orElseThrow().controllers())
                .containsExactlyInAnyOrder(CPU, CPUACCT, PIDS, FREEZER);
    }

    @Test
    void dockerOfVersion1IsSeenFromItsOwnRoot() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("4:memory:/docker/abc\n")
                        .mount("/docker/abc", TOP + "/memory", "cgroup", "memory");

        assertThat(missing(host, MEMORY).remedy()).contains("--privileged");
        assertThat(host.writable(TOP + "/memory").detect().directories())
                .containsEntry(MEMORY, TOP + "/memory");
    }

    @Test
    void withNothingMountedAllIsMissing() {
        FakeGroups host = new FakeGroups(0).membership("0::/\n");

        assertThat(host.detect().available()).isEmpty();
        assertThat(missing(host, MEMORY).remedy())
                .isEqualTo("mount -t cgroup2 none /sys/fs/cgroup");
    }

    @Test
    void aControllerThatIsSwitchedOffIsToldSo() {
        FakeGroups host =
                new FakeGroups(0)
                        .membership("0::/\n")
                        .mountVersion2()
                        .topmost(TOP, 0, "pids", "pids", "1")
                        .file("/proc/cgroups", "memory\t0\t1\t0\n");

        assertThat(missing(host, MEMORY).remedy())
                .contains("cgroup_disable=memory")
                .contains("cgroup_enable=memory");
        assertThat(missing(host, HUGETLB).remedy()).contains("CONFIG_CGROUP_HUGETLB");
    }

    @Test
    void devicesAreNoMatterOfVersion2() {
        assertThat(missing(service(0, 0), DEVICES).why()).contains("no such controller");
    }
}
