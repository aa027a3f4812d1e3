package io.cloister.sandbox.linux.mount;

import static io.cloister.sandbox.linux.mount.Plans.all;
import static io.cloister.sandbox.linux.mount.Plans.directoryPolicy;
import static io.cloister.sandbox.linux.mount.Plans.of;
import static io.cloister.sandbox.linux.mount.Plans.plan;
import static io.cloister.sandbox.linux.mount.Plans.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.linux.mount.MountStep.HideProc;
import io.cloister.sandbox.linux.mount.MountStep.HostProc;
import io.cloister.sandbox.linux.mount.MountStep.Proc;
import io.cloister.sandbox.linux.mount.MountStep.ReadOnlyProc;
import io.cloister.sandbox.linux.mount.MountStep.Target;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.ProcFilesystem;

import org.junit.jupiter.api.Test;

import java.util.List;

class ProcTest {

    private static final MountPlanner.Occupant ON_HOST =
            new MountPlanner.Occupant(1, 1, "box", "/tmp", false, true, false);

    @Test
    void procIsMountedLastAndThenWhatTheHostHasOfItIsHiddenOrReadOnly() {
        List<MountStep> own = plan(policy()).own();
        assertThat(own.subList(own.size() - 4, own.size()))
                .containsExactly(
                        new Proc(new Target("proc", true), false),
                        new HideProc("acpi", true),
                        new HideProc("interrupts", false),
                        new ReadOnlyProc("sys"));
    }

    @Test
    void anEntryThatOnlyTheHostsRootCanOpenNeedsNoMount() {
        assertThat(of(HideProc.class, plan(policy()).own()))
                .extracting(HideProc::path)
                .doesNotContain("kcore");
    }

    @Test
    void whatThePolicyHidesIsHiddenOnlyWhereTheHostHasIt() {
        ProcFilesystem proc = ProcFilesystem.standard().hide("/proc/sys").hide("/proc/not-there");
        List<MountStep> own = plan(policy().proc(proc)).own();
        assertThat(own).contains(new HideProc("sys", true)).doesNotContain(new ReadOnlyProc("sys"));
        assertThat(of(HideProc.class, own)).extracting(HideProc::path).doesNotContain("not-there");
    }

    @Test
    void aProcOfProcessesOnlyHasNothingToHide() {
        List<MountStep> own = plan(view(ProcFilesystem.View.PROCESSES_ONLY)).own();
        assertThat(own.getLast()).isEqualTo(new Proc(new Target("proc", true), true));
    }

    @Test
    void anAbsentProcHasNoMountPointEither() {
        assertThat(all(plan(view(ProcFilesystem.View.ABSENT))))
                .noneMatch(step -> step instanceof Proc || step instanceof HostProc)
                .doesNotContain(new MountStep.MakeDirectory("proc", 0755));
        assertThat(all(plan(policy()))).contains(new MountStep.MakeDirectory("proc", 0755));
    }

    @Test
    void onTheHostsPidNamespaceItIsTheHostsWithTheSameHidden() {
        List<MountStep> own = plan(policy(), ON_HOST).own();
        assertThat(of(Proc.class, own)).isEmpty();
        assertThat(own)
                .containsSubsequence(
                        new HostProc(new Target("proc", true)),
                        new HideProc("acpi", true),
                        new HideProc("interrupts", false),
                        new ReadOnlyProc("sys"));
    }

    @Test
    void theHostsProcCannotBeLimitedToProcesses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(view(ProcFilesystem.View.PROCESSES_ONLY), ON_HOST))
                .withMessageContaining("hostPid()");
    }

    @Test
    void inADirectoryRootTheMountPointMustBeThere() {
        assertThat(of(Proc.class, plan(directoryPolicy(false)).own()))
                .containsExactly(new Proc(new Target("proc", false), false));
    }

    private static FilesystemPolicy view(ProcFilesystem.View view) {
        return policy().proc(ProcFilesystem.standard().view(view));
    }
}
