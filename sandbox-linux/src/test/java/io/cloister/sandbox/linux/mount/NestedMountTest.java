package io.cloister.sandbox.linux.mount;

import static io.cloister.sandbox.linux.mount.Plans.all;
import static io.cloister.sandbox.linux.mount.Plans.directoryPolicy;
import static io.cloister.sandbox.linux.mount.Plans.of;
import static io.cloister.sandbox.linux.mount.Plans.plan;
import static io.cloister.sandbox.linux.mount.Plans.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.linux.mount.MountStep.Attributes;
import io.cloister.sandbox.linux.mount.MountStep.MakeDirectory;
import io.cloister.sandbox.linux.mount.MountStep.MakeFile;
import io.cloister.sandbox.linux.mount.MountStep.Target;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class NestedMountTest {

    private static final Bytes SIZE = Bytes.mebibytes(1);
    private static final long SEED = 20_260_103L;

    @Test
    void aTmpfsInATmpfsIsMadeInIt() {
        MountPlan plan = plan(policy(new Tmpfs("/a", SIZE), new Tmpfs("/a/b/c", SIZE)));
        assertThat(plan.base().steps()).contains(new MakeDirectory("a", 0755));
        assertThat(plan.own())
                .containsSubsequence(
                        tmpfs(new Target("a", true)),
                        new MakeDirectory("a/b", 0755),
                        new MakeDirectory("a/b/c", 0755),
                        tmpfs(new Target("a/b/c", true)));
        ModelTree.build(plan);
    }

    private static MountStep tmpfs(Target target) {
        return new MountStep.Tmpfs(target, SIZE.value(), Tmpfs.DEFAULT_INODES, 0755, true);
    }

    @Test
    void aTmpfsOverAnEarlierOneStartsEmpty() {
        MountPlan plan =
                plan(
                        policy(
                                new Tmpfs("/a/b", SIZE),
                                new Tmpfs("/a", SIZE),
                                FileContent.text("/a/b/f", "x")));
        assertThat(plan.own())
                .containsSubsequence(
                        tmpfs(new Target("a", true)),
                        new MakeDirectory("a/b", 0755),
                        new MountStep.WriteFile("a/b/f", new byte[] {'x'}, 0644));
        ModelTree.build(plan);
    }

    @Test
    void belowABindNoMountPointIsMadeAndThePathIsNotTrusted() {
        Bind outer = Bind.writable(Path.of("/srv"), "/w");
        MountPlan plan =
                plan(
                        policy(
                                outer,
                                Bind.readOnly(Path.of("/opt"), "/w/x/y"),
                                new Tmpfs("/w/t", SIZE),
                                Bind.readOnly(Path.of("/opt/file"), "/w/t/f")));
        assertThat(of(MountStep.Bind.class, plan.own()))
                .extracting(MountStep.Bind::target)
                .containsExactly(
                        new Target("w", true),
                        new Target("w/x/y", false),
                        new Target("w/t/f", true));
        assertThat(of(MountStep.Tmpfs.class, plan.own()))
                .extracting(MountStep.Tmpfs::target)
                .containsExactly(new Target("w/t", false));
        assertThat(of(MakeDirectory.class, all(plan)))
                .extracting(MakeDirectory::path)
                .contains("w")
                .noneMatch(path -> path.startsWith("w/"));
        assertThat(of(MakeFile.class, plan.own())).contains(new MakeFile("w/t/f"));
        ModelTree.build(plan);
    }

    @Test
    void belowATreeOfTheMinimalRootItIsTheSame() {
        MountPlan plan = plan(policy(Bind.readOnly(Path.of("/opt"), "/usr/local")));
        assertThat(of(MountStep.Bind.class, plan.own()))
                .extracting(MountStep.Bind::target)
                .containsExactly(new Target("usr/local", false));
        ModelTree.build(plan);
    }

    @Test
    void aFileIsMountedOnAFileAndADirectoryOnADirectory() {
        MountPlan plan =
                plan(
                        policy(
                                Bind.readOnly(Path.of("/opt/file"), "/in/f"),
                                Bind.readOnly(Path.of("/opt"), "/in/d")));
        assertThat(plan.base().steps())
                .contains(new MakeFile("in/f"), new MakeDirectory("in/d", 0755))
                .containsOnlyOnce(new MakeDirectory("in", 0755));
    }

    @Test
    void theAttributesOfABindAreThoseOfThePolicy() {
        assertThat(attributes(Bind.readOnly(Path.of("/s"), "/d")))
                .isEqualTo(new Attributes(true, true, false, false));
        assertThat(attributes(Bind.writable(Path.of("/s"), "/d")))
                .isEqualTo(new Attributes(false, true, false, false));
        assertThat(attributes(Bind.readOnly(Path.of("/s"), "/d").noexec().nosymfollow()))
                .isEqualTo(new Attributes(true, true, true, true));
        assertThat(attributes(Bind.readOnly(Path.of("/s"), "/d").allowDevices()))
                .isEqualTo(new Attributes(true, false, false, false));
    }

    private static Attributes attributes(Bind bind) {
        return of(MountStep.Bind.class, plan(policy(bind)).own()).getFirst().attributes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/w/f", "/w/a/b/f", "/usr/f", "/usr/local/f", "/etc/ssl/certs/f"})
    void nothingIsMadeInsideATreeOfTheHost(String place) {
        Bind bind = Bind.writable(Path.of("/srv"), "/w");
        for (Mount mount :
                List.of(
                        FileContent.text(place, "x"),
                        new Symlink(place, "x"),
                        new EmptyDirectory(place))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> plan(policy(bind, mount)))
                    .withMessageContaining(place)
                    .withMessageContaining("a tree of the host");
        }
    }

    @Test
    void inATmpfsInsideATreeOfTheHostThingsAreMade() {
        Bind bind = Bind.writable(Path.of("/srv"), "/w");
        MountPlan plan =
                plan(policy(bind, new Tmpfs("/w/t", SIZE), FileContent.text("/w/t/a/f", "x")));
        assertThat(plan.own())
                .containsSubsequence(
                        tmpfs(new Target("w/t", false)),
                        new MakeDirectory("w/t/a", 0755),
                        new MountStep.WriteFile("w/t/a/f", new byte[] {'x'}, 0644));
        ModelTree.build(plan);
    }

    @Test
    void aDirectoryRootIsTheHostsAndGetsDevTmpAndSharedMemoryOnly() {
        for (boolean writable : new boolean[] {false, true}) {
            MountPlan plan = plan(directoryPolicy(writable).scratchSize(SIZE).scratchInodes(7));
            assertThat(plan.base().steps())
                    .containsExactly(new MountStep.DirectoryRoot(Plans.rootSource(), writable));
            assertThat(of(MountStep.Tmpfs.class, plan.own()))
                    .containsExactly(
                            new MountStep.Tmpfs(
                                    new Target("dev", false), SIZE.value(), 7, 0755, false),
                            new MountStep.Tmpfs(
                                    new Target("dev/shm", true), SIZE.value(), 7, 01777, true),
                            new MountStep.Tmpfs(
                                    new Target("tmp", false), SIZE.value(), 7, 01777, true));
            assertThat(of(MountStep.Bind.class, all(plan))).isEmpty();
            assertThat(of(MountStep.SealRoot.class, all(plan))).isEmpty();
            assertThat(of(MountStep.WriteFile.class, all(plan))).isEmpty();
            ModelTree.build(plan);
        }
    }

    @Test
    void nothingIsMadeInADirectoryRoot() {
        for (Mount mount :
                List.of(
                        FileContent.text("/f", "x"),
                        new Symlink("/etc/l", "x"),
                        new EmptyDirectory("/d"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> plan(directoryPolicy(true, mount)))
                    .withMessageContaining(mount.destination());
        }
        MountPlan plan = plan(directoryPolicy(true, new Tmpfs("/w", SIZE)));
        assertThat(plan.own()).contains(tmpfs(new Target("w", false)));
        assertThat(of(MakeDirectory.class, all(plan)))
                .extracting(MakeDirectory::path)
                .containsExactly("dev/pts", "dev/mqueue", "dev/shm");
    }

    @Test
    void inTheTmpfsOfADirectoryRootThingsAreMade() {
        MountPlan plan = plan(directoryPolicy(false, FileContent.text("/tmp/a/f", "x")));
        assertThat(plan.own())
                .containsSubsequence(
                        new MakeDirectory("tmp/a", 0755),
                        new MountStep.WriteFile("tmp/a/f", new byte[] {'x'}, 0644));
        ModelTree.build(plan);
    }

    @Test
    void tmpOfADirectoryRootThatTheCallerTakesIsLeftToTheCaller() {
        MountPlan plan = plan(directoryPolicy(false, Bind.writable(Path.of("/srv/t"), "/tmp")));
        assertThat(of(MountStep.Tmpfs.class, plan.own()))
                .extracting(tmpfs -> tmpfs.target().path())
                .containsExactly("dev", "dev/shm");
        ModelTree.build(plan);
    }

    @Test
    void everyPlanOfARandomPolicyIsOneThatTheKernelTakes() {
        Random random = new Random(SEED);
        int planned = 0;
        for (int i = 0; i < 5_000; i++) {
            FilesystemPolicy policy = randomPolicy(random);
            try {
                MountPlan plan = plan(policy);
                planned++;
                ModelTree.build(plan);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("which shows a tree of the host");
            } catch (AssertionError e) {
                throw new AssertionError(policy.root() + " " + policy.mounts(), e);
            }
        }
        assertThat(planned).isGreaterThan(1_000);
    }

    /// Files and links only where no other destination lies below.
    private static FilesystemPolicy randomPolicy(Random random) {
        List<String> inner =
                new ArrayList<>(
                        List.of("/a", "/a/b", "/a/b/c", "/d", "/usr", "/usr/x", "/tmp", "/etc/y"));
        List<String> leaves =
                List.of("/a/f", "/a/b/f", "/d/e/f", "/usr/f", "/usr/x/f", "/tmp/f", "/etc/f");
        List<String> places = new ArrayList<>(inner);
        places.addAll(leaves);
        Collections.shuffle(places, random);
        FilesystemPolicy policy =
                switch (random.nextInt(5)) {
                    case 0 -> directoryPolicy(random.nextBoolean());
                    case 1 -> policy().root(new RootFilesystem.Empty(random.nextBoolean()));
                    default -> policy();
                };
        for (String place : places.subList(0, 1 + random.nextInt(6))) {
            policy = policy.mount(random(place, inner.contains(place), random));
        }
        return policy;
    }

    private static Mount random(String place, boolean inner, Random random) {
        return switch (random.nextInt(inner ? 3 : 5)) {
            case 0, 1 -> new Tmpfs(place, SIZE);
            case 2 -> Bind.writable(Path.of("/srv/d" + place), place);
            case 3 -> FileContent.text(place, "x");
            default -> Bind.readOnly(Path.of("/srv/file" + place), place);
        };
    }
}
