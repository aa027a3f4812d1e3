package io.cloister.sandbox.linux.mount;

import static io.cloister.sandbox.linux.mount.Plans.all;
import static io.cloister.sandbox.linux.mount.Plans.of;
import static io.cloister.sandbox.linux.mount.Plans.plan;
import static io.cloister.sandbox.linux.mount.Plans.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.linux.mount.MountStep.MakeDirectory;
import io.cloister.sandbox.linux.mount.MountStep.Scratch;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

class EmptyRootTest {

    private static FilesystemPolicy empty(boolean devices, Mount... mounts) {
        return policy(mounts).root(new RootFilesystem.Empty(devices));
    }

    private static FilesystemPolicy withoutProc(FilesystemPolicy policy) {
        return policy.proc(policy.proc().view(View.ABSENT));
    }

    @Test
    void nothingIsInItButTheMounts() {
        MountPlan nothing = plan(withoutProc(empty(false)));
        assertThat(all(nothing)).hasSize(2).first().isInstanceOf(MountStep.NewRoot.class);
        assertThat(all(nothing)).last().isEqualTo(new MountStep.SealRoot());

        MountPlan plan =
                plan(
                        empty(
                                false,
                                Bind.readOnly(Path.of("/usr")),
                                FileContent.text("/etc/passwd", "x"),
                                new Tmpfs("/tmp", Bytes.mebibytes(1))));
        assertThat(of(MakeDirectory.class, all(plan)))
                .extracting(MakeDirectory::path)
                .containsExactlyInAnyOrder("proc", "usr", "etc", "tmp");
        assertThat(of(MountStep.Device.class, all(plan))).isEmpty();
        assertThat(of(Scratch.class, all(plan))).isEmpty();
        assertThat(plan.base().steps()).endsWith(new MountStep.SealRoot());
        ModelTree.build(plan);
    }

    @Test
    void withDevicesItHasTheirDirectoryAndNoOther() {
        MountPlan plan = plan(empty(true));
        assertThat(of(MakeDirectory.class, all(plan)))
                .extracting(MakeDirectory::path)
                .containsExactlyInAnyOrder("dev", "dev/shm", "dev/pts", "dev/mqueue", "proc");
        assertThat(of(MountStep.Device.class, all(plan))).hasSize(Plans.HOST.devices().size());
        assertThat(of(Scratch.class, all(plan)))
                .singleElement()
                .extracting(Scratch::places)
                .isEqualTo(List.of("dev/shm"));
        ModelTree.build(plan);
    }

    @Test
    void aBindTakesThePlaceOfTheDevices() {
        MountPlan plan = plan(empty(true, Bind.readOnly(Path.of("/dev"))));
        assertThat(of(MountStep.Device.class, all(plan))).isEmpty();
        assertThat(of(Scratch.class, all(plan))).isEmpty();
        ModelTree.build(plan);
    }

    @Test
    void terminalsNeedDevices() {
        assertThat(of(MountStep.Terminals.class, all(plan(empty(true, new Terminals())))))
                .hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(empty(false, new Terminals())))
                .withMessageStartingWith("terminals() needs a /dev of the sandbox's own");
    }
}
