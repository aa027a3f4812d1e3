package io.cloister.sandbox.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.plan.ProcessControls;
import io.cloister.sandbox.linux.plan.SpeculationKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What the report says of other hosts, told by their texts.
class HostProbeTest {
    private static final Trial RAN = new Trial(true, "ran", "", false);
    private static final Trial FAILED = new Trial(false, "EPERM", "do this", false);
    private static final String ROOT_OF_DOCKER = "00000000a80425fb";
    private static final String ALL_CAPABILITIES = "000001ffffffffff";
    private static final String HOST_IDS = "0 0 4294967295";

    private static HostReport report(FakeHost host, Trial trial) {
        return HostProbe.report(host, SystemFeatures.nativeAccess("", true, false), trial);
    }

    private static Feature find(HostReport report, String name) {
        return report.features().stream()
                .filter(feature -> feature.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + report));
    }

    private static Feature feature(FakeHost host, String name) {
        return find(report(host, FAILED), name);
    }

    @Test
    void aHostWhereAllWorksMissesNothingButControlGroups() {
        HostReport report = report(new FakeHost(), RAN);

        assertThat(report.canRun()).isTrue();
        assertThat(report.system()).isEqualTo("Linux 6.8.0-41-generic amd64");
        assertThat(report.features())
                .filteredOn(feature -> !feature.name().startsWith("control group"))
                .allSatisfy(feature -> {
                    assertThat(feature.status()).isEqualTo(Status.AVAILABLE);
                    assertThat(feature.remedy()).isEmpty();
                });
    }

    @Test
    void aTrialThatFailedCountsMoreThanAllEvidence() {
        HostReport report = report(new FakeHost(), FAILED);

        assertThat(report.canRun()).isFalse();
        assertThat(find(report, "a strict sandbox"))
                .isEqualTo(
                        new Feature("a strict sandbox", Status.MISSING, "EPERM", "do this", true));
    }

    @Test
    void aTrialThatPassedOverrulesEvidenceAgainstIt() {
        FakeHost host = new FakeHost().file("/proc/sys/user/max_user_namespaces", "0\n");

        assertThat(report(host, FAILED).canRun()).isFalse();
        HostReport report = report(host, RAN);
        assertThat(report.canRun()).isTrue();
        assertThat(find(report, "user namespaces").status()).isEqualTo(Status.LIMITED);
        assertThat(find(report, "user namespaces").detail())
                .isEqualTo("user.max_user_namespaces is 0; a sandbox ran nevertheless");
    }

    @ParameterizedTest
    @CsvSource({
        "4.19.0-26-amd64, MISSING",
        "5.9.16, MISSING",
        "5.13.19, MISSING",
        "5.14.0-427.el9.x86_64, AVAILABLE",
        "6.1, AVAILABLE",
        "10.0.1, AVAILABLE",
        "unknown, LIMITED"
    })
    void theKernelMustBeOf5_14(String release, Status status) {
        Feature feature = feature(new FakeHost().release(release), "operating system");

        assertThat(feature.status()).isEqualTo(status);
        assertThat(feature.required()).isTrue();
        assertThat(feature.detail()).contains(release);
        assertThat(feature.remedy())
                .isEqualTo(status == Status.MISSING ? "run a kernel from 5.14 on" : "");
    }

    @Test
    void kernel4_19IsReportedWithoutTheTimeNamespace() {
        FakeHost host = new FakeHost().release("4.19.0-26-amd64").without("/proc/self/ns/time");
        host.without("/proc/sys/vm/memfd_noexec");

        assertThat(report(host, FAILED).canRun()).isFalse();
        assertThat(feature(host, "time namespace").status()).isEqualTo(Status.MISSING);
        assertThat(feature(host, "time namespace").remedy()).contains("CONFIG_TIME_NS=y");
        assertThat(feature(host, "executable memfd").status()).isEqualTo(Status.AVAILABLE);
    }

    @Test
    void anotherSystemIsReportedAsSuch() {
        FakeHost host = new FakeHost().property("os.name", "Mac OS X").property("os.version", "15");
        HostReport report = HostProbe.elsewhere(host);

        assertThat(report.canRun()).isFalse();
        assertThat(report.system()).isEqualTo("Mac OS X 15 amd64");
        assertThat(find(report, "operating system").detail()).isEqualTo("this is Mac OS X");
    }

    @ParameterizedTest
    @CsvSource({"amd64, AVAILABLE", "aarch64, AVAILABLE", "riscv64, MISSING", "x86, MISSING"})
    void aLauncherExistsForTwoArchitectures(String arch, Status status) {
        Feature feature = feature(new FakeHost().property("os.arch", arch), "cpu architecture");

        assertThat(feature.status()).isEqualTo(status);
        assertThat(feature.required()).isTrue();
    }

    @Test
    void nativeAccessIsNamedWithItsFlag() {
        String module = "io.cloister.sandbox.linux";
        String flag = "start java with --enable-native-access=";

        assertThat(SystemFeatures.nativeAccess(module, true, false).status())
                .isEqualTo(Status.AVAILABLE);
        assertThat(SystemFeatures.nativeAccess(module, false, false))
                .extracting(Feature::status, Feature::remedy)
                .containsExactly(Status.LIMITED, flag + module);
        assertThat(SystemFeatures.nativeAccess("", false, true))
                .extracting(Feature::status, Feature::remedy, Feature::required)
                .containsExactly(Status.MISSING, flag + "ALL-UNNAMED", true);
    }

    @Test
    void ubuntu24_04RestrictsUserNamespacesToAppArmorProfiles() {
        FakeHost ubuntu =
                new FakeHost()
                        .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                        .file("/proc/self/attr/apparmor/current", "unconfined\n");

        Feature restricted = feature(ubuntu, "user namespaces");
        assertThat(restricted.status()).isEqualTo(Status.MISSING);
        assertThat(restricted.required()).isTrue();
        assertThat(restricted.remedy())
                .contains("sysctl -w kernel.apparmor_restrict_unprivileged_userns=0", "userns,");

        ubuntu.file("/proc/self/attr/apparmor/current", "java (unconfined)\n");
        assertThat(feature(ubuntu, "user namespaces").status()).isEqualTo(Status.LIMITED);

        ubuntu.file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
        assertThat(feature(ubuntu, "user namespaces").status()).isEqualTo(Status.AVAILABLE);
    }

    @Test
    void debianMaySwitchUserNamespacesOff() {
        FakeHost host = new FakeHost().file("/proc/sys/kernel/unprivileged_userns_clone", "0\n");

        assertThat(feature(host, "user namespaces").remedy())
                .isEqualTo("sysctl -w kernel.unprivileged_userns_clone=1");
        host.file("/proc/sys/kernel/unprivileged_userns_clone", "1\n");
        assertThat(feature(host, "user namespaces").status()).isEqualTo(Status.AVAILABLE);
    }

    @Test
    void dockerCoversProcAndFiltersSystemCalls() {
        FakeHost docker =
                new FakeHost()
                        .file(
                                "/proc/self/mountinfo",
                                """
                                600 500 0:60 / / rw - overlay overlay rw
                                601 600 0:63 / /proc rw - proc proc rw
                                602 601 0:63 /bus /proc/bus ro - proc proc rw
                                603 601 0:63 /sys /proc/sys ro - proc proc rw
                                604 601 0:64 /null /proc/kcore rw - tmpfs tmpfs rw
                                605 600 0:65 / /sys ro - sysfs sysfs ro
                                """)
                        .user(0, ROOT_OF_DOCKER, HOST_IDS);
        docker.file(
                "/proc/self/status",
                docker.text("/proc/self/status")
                        .orElseThrow()
                        .replace("Seccomp:\t0", "Seccomp:\t2"));

        Feature proc = feature(docker, "a new /proc");
        assertThat(proc.status()).isEqualTo(Status.MISSING);
        assertThat(proc.detail()).contains("/proc/bus, /proc/kcore, /proc/sys");
        assertThat(proc.remedy()).contains("--security-opt systempaths=unconfined");
        assertThat(feature(docker, "outer seccomp filter").remedy())
                .contains("--security-opt seccomp=unconfined");
        assertThat(feature(docker, "privileges").detail())
                .isEqualTo("root without CAP_SYS_ADMIN: binds cannot be prepared");
    }

    @Test
    void aMountOnAMountPointOfProcDoesNotCoverIt() {
        FakeHost host =
                new FakeHost()
                        .file(
                                "/proc/self/mountinfo",
                                """
                                22 1 0:21 / /proc rw - proc proc rw
                                23 22 0:30 / /proc/sys/fs/binfmt_misc rw shared:5 - autofs none rw
                                24 23 0:31 / /proc/sys/fs/binfmt_misc rw - binfmt_misc none rw
                                """);

        assertThat(feature(host, "a new /proc").status()).isEqualTo(Status.AVAILABLE);
    }

    @Test
    void aSecondProcWithoutCoversWillDo() {
        String covered =
                "22 1 0:21 / /proc rw - proc proc rw\n30 22 0:9 / /proc/kcore rw - tmpfs none rw\n";
        FakeHost host = new FakeHost().file("/proc/self/mountinfo", covered);
        assertThat(feature(host, "a new /proc").status()).isEqualTo(Status.MISSING);

        host.file("/proc/self/mountinfo", covered + "31 1 0:40 / /mnt/proc rw - proc proc rw\n");
        assertThat(feature(host, "a new /proc").status()).isEqualTo(Status.AVAILABLE);

        host.file("/proc/self/mountinfo", "22 1 0:21 /sys /proc/sys rw - proc proc rw\n");
        assertThat(feature(host, "a new /proc").detail()).startsWith("no whole procfs");
    }

    @Test
    void executableMemfdsMayBeForbidden() {
        FakeHost host = new FakeHost().file("/proc/sys/vm/memfd_noexec", "2\n");
        assertThat(feature(host, "executable memfd"))
                .extracting(Feature::status, Feature::remedy)
                .containsExactly(Status.LIMITED, "sysctl -w vm.memfd_noexec=1");

        host.file("/proc/sys/vm/memfd_noexec", "1\n");
        assertThat(feature(host, "executable memfd").status()).isEqualTo(Status.AVAILABLE);
    }

    @Test
    void aKernelWithoutSeccompFiltersCannotRun() {
        FakeHost host = new FakeHost().without("/proc/sys/kernel/seccomp/actions_avail");

        assertThat(feature(host, "seccomp filter"))
                .extracting(Feature::status, Feature::required)
                .containsExactly(Status.MISSING, true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | MISSING | gone: no second wall, and TCP ports cannot be closed",
                "1 | LIMITED | ABI 1, without files, TCP ports, signals and abstract sockets",
                "2 | LIMITED | ABI 2, without TCP ports, signals and abstract sockets",
                "4 | LIMITED | ABI 4, without signals and abstract sockets",
                "6 | AVAILABLE | ABI 6",
                "11 | AVAILABLE | ABI 11"
            })
    void whatTheVersionOfLandlockLacksIsTold(int abi, Status status, String detail) {
        FakeHost host = new FakeHost();
        host.landlock(abi == 0 ? LandlockSupport.missing("gone") : LandlockSupport.of(abi));

        Feature found = feature(host, "Landlock");
        assertThat(found.status()).isEqualTo(status);
        assertThat(found.detail()).isEqualTo(detail);
        assertThat(found.remedy().contains("6.12")).isEqualTo(status != Status.AVAILABLE);
        assertThat(found.required()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 6, 7})
    void whatAHostWithoutNamespacesGetsIsTold(int abi) {
        FakeHost host = new FakeHost();
        host.landlock(abi == 0 ? LandlockSupport.missing("gone") : LandlockSupport.of(abi));

        Feature found = feature(host, "confined tier");
        assertThat(found.required()).isFalse();
        if (abi >= 6) {
            assertThat(found.status()).isEqualTo(Status.AVAILABLE);
            assertThat(found.detail()).contains("confinedIfNeeded()");
        } else {
            assertThat(found.status()).isEqualTo(Status.MISSING);
            assertThat(found.detail()).contains("ABI 6").contains(abi == 0 ? "gone" : "ABI 5");
            assertThat(found.remedy()).contains("6.12");
        }
    }

    @Test
    void whyThereIsNoLandlockIsTold() {
        assertThat(HostInspector.landlock(7)).isEqualTo(LandlockSupport.of(7));
        assertThat(HostInspector.landlock(-38).missing()).isEqualTo("this kernel has no Landlock");
        assertThat(HostInspector.landlock(-95).missing())
                .isEqualTo("this kernel was started without Landlock");
        assertThat(HostInspector.landlock(-1).missing()).contains("EPERM");
    }

    @Test
    void privilegesTellWhoSandboxesAreOnTheHost() {
        FakeHost host = new FakeHost();
        assertThat(feature(host, "privileges").detail())
                .isEqualTo("user 1000: each sandbox is this user on the host");
        assertThat(feature(host, "idmapped mounts").detail()).startsWith("not needed");

        host.user(0, ALL_CAPABILITIES, HOST_IDS).property("io.cloister.sandbox.hostUsers", "7-9");
        assertThat(feature(host, "privileges").detail()).endsWith("of its own, from 7-9");
        assertThat(feature(host, "uid and gid ranges").status()).isEqualTo(Status.AVAILABLE);
        assertThat(feature(host, "idmapped mounts").status()).isEqualTo(Status.AVAILABLE);
        assertThat(feature(host.release("6.1.0"), "idmapped mounts").status())
                .isEqualTo(Status.LIMITED);

        host.user(0, ALL_CAPABILITIES, "0 1000 1");
        assertThat(feature(host, "privileges").detail()).startsWith("root of a user namespace");

        host.user(0, "0000000000000000", HOST_IDS);
        assertThat(feature(host, "privileges").status()).isEqualTo(Status.LIMITED);
    }

    @Test
    void idRangesAreThoseOfTheUserByNameOrNumber() {
        FakeHost host = new FakeHost();
        assertThat(feature(host, "uid and gid ranges").detail())
                .isEqualTo("/etc/subuid has 165536-231071, /etc/subgid 165536-231071");

        host.file("/etc/subgid", "bob:100000:65536\n");
        assertThat(feature(host, "uid and gid ranges"))
                .extracting(Feature::status, Feature::detail)
                .containsExactly(Status.MISSING, "no line for alice in /etc/subgid");

        host.without("newgidmap");
        assertThat(feature(host, "uid and gid ranges").remedy()).contains("apt-get install uidmap");
    }

    private static ProcessControls controls(
            long writeExecute, long stores, long branches, long cores) {
        return new ProcessControls(
                false,
                writeExecute,
                Map.of(
                        SpeculationKind.STORE_BYPASS, stores,
                        SpeculationKind.INDIRECT_BRANCH, branches,
                        SpeculationKind.CACHE_FLUSH, -19L),
                false,
                cores);
    }

    @ParameterizedTest
    @CsvSource({"0, AVAILABLE, ''", "1, AVAILABLE, ''", "-22, MISSING, run a kernel from 6.3 on"})
    void denyingWritableCodeNeedsAKernel(long answer, Status status, String remedy) {
        FakeHost host = new FakeHost().controls(controls(answer, 3, 3, 0));

        assertThat(feature(host, "denying writable code"))
                .extracting(Feature::status, Feature::remedy)
                .containsExactly(status, remedy);
    }

    @Test
    void speculationIsToldKindByKind() {
        FakeHost host = new FakeHost().controls(controls(0, 3, 0, 0));
        assertThat(feature(host, "speculation control"))
                .extracting(Feature::status, Feature::detail)
                .containsExactly(
                        Status.AVAILABLE,
                        "speculativeStoreBypass: controlled, indirectBranchSpeculation: not needed,"
                                + " dataCacheFlush: unknown here");

        host.controls(controls(0, 3, 2, 0));
        assertThat(feature(host, "speculation control"))
                .satisfies(found -> {
                    assertThat(found.status()).isEqualTo(Status.LIMITED);
                    assertThat(found.detail()).contains("indirectBranchSpeculation: no control");
                    assertThat(found.remedy()).contains("microcode");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "0, AVAILABLE, ''",
        "-19, LIMITED, 'in a virtual machine, let it see the host''s cores'",
        "-22, MISSING, 'run a kernel from 5.14 on, built with CONFIG_SCHED_CORE=y'"
    })
    void coreSchedulingNeedsAKernelAndThreads(long answer, Status status, String remedy) {
        FakeHost host = new FakeHost().controls(controls(0, 3, 3, answer));

        assertThat(feature(host, "core scheduling"))
                .extracting(Feature::status, Feature::remedy)
                .containsExactly(status, remedy);
    }

    @Test
    void theKernelIsNotAskedWithoutNativeAccess() {
        Feature refused = SystemFeatures.nativeAccess("", false, true);
        HostReport report = HostProbe.report(new FakeHost(), refused, FAILED);

        assertThat(report.features())
                .extracting(Feature::name)
                .doesNotContain("core scheduling", "speculation control");
    }

    @ParameterizedTest
    @CsvSource({"1024, AVAILABLE", "unlimited, AVAILABLE", "256, LIMITED"})
    void aLowDescriptorLimitIsTold(String limit, Status status) {
        FakeHost host =
                new FakeHost()
                        .file("/proc/self/limits", "Max open files   " + limit + "  9 files\n");

        assertThat(feature(host, "descriptor limit").status()).isEqualTo(status);
    }

    @Test
    void aHostThatShowsNothingIsReportedAllTheSame() {
        FakeHost host = new FakeHost();
        HostView blind =
                new HostView() {
                    @Override
                    public LandlockSupport landlock() {
                        return LandlockSupport.missing("nothing is known");
                    }

                    @Override
                    public Optional<String> text(String path) {
                        return Optional.empty();
                    }

                    @Override
                    public boolean exists(String path) {
                        return false;
                    }

                    @Override
                    public String property(String name) {
                        return host.property(name);
                    }

                    @Override
                    public Optional<String> program(String name) {
                        return Optional.empty();
                    }

                    @Override
                    public boolean isWritable(String path) {
                        return false;
                    }

                    @Override
                    public ProcessControls controls() {
                        return host.controls();
                    }

                    @Override
                    public OptionalInt owner(String path) {
                        return OptionalInt.empty();
                    }

                    @Override
                    public Optional<String> attribute(String path, String name) {
                        return Optional.empty();
                    }
                };
        HostReport report =
                HostProbe.report(blind, SystemFeatures.nativeAccess("", true, false), FAILED);

        assertThat(report.canRun()).isFalse();
        assertThat(report.toString()).contains("/proc/self/mountinfo cannot be read");
    }
}
