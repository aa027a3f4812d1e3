package io.cloister.sandbox.linux.mount;

import static io.cloister.sandbox.linux.mount.Plans.directoryPolicy;
import static io.cloister.sandbox.linux.mount.Plans.plan;
import static io.cloister.sandbox.linux.mount.Plans.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class MountPlanTest {

    private static final Bytes SIZE = Bytes.mebibytes(1);

    @Test
    void theMinimalRootCanBePrepared() {
        assertThat(plan(policy()).canBePrepared()).isTrue();
    }

    @Test
    void whatIsOurOwnDoesNotPreventIt() {
        MountPlan plan =
                plan(
                        policy(
                                new Tmpfs("/w", SIZE),
                                FileContent.text("/w/f", "x"),
                                FileContent.text("/g", "x"),
                                new Symlink("/l", "g")));
        assertThat(plan.canBePrepared()).isTrue();
    }

    @Test
    void aBindThatTheChildLooksUpPreventsIt() {
        assertThat(plan(policy(Bind.readOnly(Path.of("/srv"), "/w"))).canBePrepared()).isFalse();
    }

    @Test
    void aBindThatIsPassedDoesNot() {
        Bind bind = Bind.readOnly(Path.of("/srv"), "/w");
        MountPlan plan =
                plan(policy(bind), Map.of(bind, new Source.Received(0, true)), Plans.OCCUPANT);
        assertThat(plan.canBePrepared()).isTrue();
    }

    @Test
    void anOptionalBindThatIsLeftOutDoesNot() {
        Bind bind = Bind.readOnly(Path.of("/srv"), "/w").skipIfMissing();
        assertThat(plan(policy(bind), Map.of(), Plans.OCCUPANT).canBePrepared()).isTrue();
    }

    @Test
    void aDirectoryRootAndTheHostsProcPreventIt() {
        assertThat(plan(directoryPolicy(false)).canBePrepared()).isFalse();
        MountPlanner.Occupant onHost =
                new MountPlanner.Occupant(1, 1, "box", "/tmp", false, true, false);
        assertThat(plan(policy(), onHost).canBePrepared()).isFalse();
    }

    @Test
    void withoutAProcOfItsOwnNothingWouldCoverTheOneOfTheLauncher() {
        ProcFilesystem standard = ProcFilesystem.standard();
        assertThat(plan(policy().proc(standard.view(View.ABSENT))).canBePrepared()).isFalse();
        assertThat(plan(policy().proc(standard.view(View.PROCESSES_ONLY))).canBePrepared())
                .isTrue();
    }

    @Test
    void thereIsNothingToPrepareWithoutATree() {
        assertThat(MountPlan.NONE.canBePrepared()).isFalse();
        assertThat(MountPlan.NONE.isEmpty()).isTrue();
        assertThat(plan(policy()).isEmpty()).isFalse();
    }

    @Test
    void theFileSystemsOfALaunchAreToldByTheFirstPlaceOfEach() {
        assertThat(plan(policy()).filesystems()).containsExactly("/tmp");
        assertThat(plan(policy(new Tmpfs("/w/x", SIZE), new Tmpfs("/a", SIZE))).filesystems())
                .containsExactly("/tmp", "/w/x", "/a");
        assertThat(plan(policy(new Tmpfs("/tmp", SIZE))).filesystems())
                .containsExactly("/dev/shm", "/tmp");
        assertThat(plan(directoryPolicy(false, new Tmpfs("/w", SIZE))).filesystems())
                .containsExactly("/dev", "/dev/shm", "/tmp", "/w");
    }

    @Test
    void whatTheCallerPutsInThePlaceOfScratchIsNoFileSystemOfOurs() {
        Bind tmp = Bind.writable(Path.of("/srv/a"), "/tmp");
        Bind shared = Bind.writable(Path.of("/srv/b"), "/dev/shm");
        assertThat(plan(policy(tmp)).filesystems()).containsExactly("/dev/shm");
        assertThat(plan(policy(tmp, shared)).filesystems()).isEmpty();
        assertThat(plan(policy(FileContent.text("/f", "x"))).filesystems()).containsExactly("/tmp");
        assertThat(MountPlan.NONE.filesystems()).isEmpty();
    }

    @Test
    void noFileSystemOfALaunchIsInTheBase() {
        for (MountPlan plan :
                List.of(
                        plan(policy(new Tmpfs("/w", SIZE))),
                        plan(directoryPolicy(true, new Tmpfs("/w", SIZE))))) {
            assertThat(MountPlan.of(List.of(), plan.base().steps()).filesystems()).isEmpty();
        }
    }

    @Test
    void plansOfEqualPoliciesHaveEqualBases() {
        MountPlan one = plan(policy(FileContent.text("/f", "x")));
        MountPlan two = plan(policy(FileContent.text("/f", "x"), new Tmpfs("/tmp/t", SIZE)));
        MountPlan other = plan(policy(FileContent.text("/f", "y")));
        assertThat(one.base()).isEqualTo(two.base()).hasSameHashCodeAs(two.base());
        assertThat(one.base()).isNotEqualTo(other.base());
    }

    @Test
    void filesAreEqualByContent() {
        MountStep.WriteFile file = new MountStep.WriteFile("f", new byte[] {1}, 0644);
        assertThat(file)
                .isEqualTo(new MountStep.WriteFile("f", new byte[] {1}, 0644))
                .hasSameHashCodeAs(new MountStep.WriteFile("f", new byte[] {1}, 0644))
                .isNotEqualTo(new MountStep.WriteFile("f", new byte[] {2}, 0644))
                .isNotEqualTo(new MountStep.WriteFile("g", new byte[] {1}, 0644))
                .isNotEqualTo(new MountStep.WriteFile("f", new byte[] {1}, 0600));
    }

    @Test
    void aPlanKeepsItsStepsWhateverTheCallerDoes() {
        List<MountStep> steps = new ArrayList<>(List.of(new MountStep.NewRoot(1, 1)));
        MountPlan plan = MountPlan.of(steps, steps);
        steps.clear();
        assertThat(plan.base().steps()).hasSize(1);
        assertThat(plan.own()).hasSize(1);
    }
}
