package io.cloister.sandbox.linux.mount;

import static io.cloister.sandbox.linux.mount.Plans.all;
import static io.cloister.sandbox.linux.mount.Plans.of;
import static io.cloister.sandbox.linux.mount.Plans.plan;
import static io.cloister.sandbox.linux.mount.Plans.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.linux.mount.MountStep.Attributes;
import io.cloister.sandbox.linux.mount.MountStep.MakeDirectory;
import io.cloister.sandbox.linux.mount.MountStep.MakeSymlink;
import io.cloister.sandbox.linux.mount.MountStep.Scratch;
import io.cloister.sandbox.linux.mount.MountStep.Target;
import io.cloister.sandbox.linux.mount.MountStep.WriteFile;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class MinimalRootTest {

    private static final Bytes SIZE = Bytes.mebibytes(1);
    private static final Attributes READ_ONLY = new Attributes(true, true, false, false);

    @Test
    void itShowsWhatTheHostTreeNamesReadOnlyAndNothingElse() {
        assertThat(of(MountStep.Bind.class, all(plan(policy()))))
                .containsExactly(
                        trusted("usr", true),
                        trusted("lib64", true),
                        trusted("etc/ld.so.cache", false),
                        trusted("etc/ssl/certs", true));
    }

    private static MountStep.Bind trusted(String path, boolean directory) {
        return new MountStep.Bind(
                new Source.Trusted("/" + path, directory), new Target(path, true), READ_ONLY);
    }

    @Test
    void nothingOfEtcIsThereButTheListAndItsOwnFiles() {
        List<MountStep> steps = all(plan(policy()));
        assertThat(paths(steps))
                .filteredOn(path -> path.startsWith("etc/"))
                .containsExactlyInAnyOrder(
                        "etc/ld.so.cache",
                        "etc/ssl",
                        "etc/ssl/certs",
                        "etc/ssl/certs",
                        "etc/localtime",
                        "etc/passwd",
                        "etc/group",
                        "etc/hosts",
                        "etc/hostname",
                        "etc/nsswitch.conf");
    }

    private static List<String> paths(List<MountStep> steps) {
        return steps.stream().map(MinimalRootTest::path).flatMap(Optional::stream).toList();
    }

    private static Optional<String> path(MountStep step) {
        return switch (step) {
            case MakeDirectory(String path, _) -> Optional.of(path);
            case WriteFile(String path, _, _) -> Optional.of(path);
            case MakeSymlink(String path, _) -> Optional.of(path);
            case MountStep.Bind(_, Target target, _) -> Optional.of(target.path());
            default -> Optional.empty();
        };
    }

    @Test
    void linksOfTheHostAreLinksAndLeadNowhereElse() {
        assertThat(of(MakeSymlink.class, all(plan(policy()))))
                .contains(new MakeSymlink("bin", "usr/bin"))
                .contains(new MakeSymlink("etc/localtime", "/usr/share/zoneinfo/UTC"));
    }

    @Test
    void itsUsersAreRootTheOccupantAndNobody() {
        MountPlanner.Occupant occupant =
                new MountPlanner.Occupant(7, 8, "box", "/home/x", false, false, false);
        MountPlan plan = plan(policy(), occupant);
        assertThat(content(plan, "etc/passwd"))
                .isEqualTo(
                        """
                        root:x:0:0:root:/root:/bin/sh
                        sandbox:x:7:8:sandbox:/home/x:/bin/sh
                        nobody:x:65534:65534:nobody:/nonexistent:/bin/false
                        """);
        assertThat(content(plan, "etc/group"))
                .isEqualTo("root:x:0:\nsandbox:x:8:\nnogroup:x:65534:\n");
        assertThat(content(plan, "etc/hosts"))
                .isEqualTo("127.0.0.1 localhost box\n::1 localhost\n");
        assertThat(content(plan, "etc/hostname")).isEqualTo("box\n");
    }

    @Test
    void anOccupantWhoIsRootIsNamedOnce() {
        MountPlanner.Occupant occupant =
                new MountPlanner.Occupant(0, 0, "box", "/tmp", false, false, false);
        MountPlan plan = plan(policy(), occupant);
        assertThat(content(plan, "etc/passwd")).doesNotContain("root:x").contains("sandbox:x:0:0:");
        assertThat(content(plan, "etc/group")).doesNotContain("root:x").contains("sandbox:x:0:");
    }

    @Test
    void theHostsResolverIsShownOnTheHostsNetworkOnly() {
        MountPlanner.Occupant onHost =
                new MountPlanner.Occupant(1, 1, "box", "/tmp", true, false, false);
        assertThat(content(plan(policy(), onHost), "etc/resolv.conf"))
                .isEqualTo("nameserver 192.0.2.1\n");
        assertThat(of(WriteFile.class, all(plan(policy()))))
                .extracting(WriteFile::path)
                .doesNotContain("etc/resolv.conf");
    }

    private static String content(MountPlan plan, String path) {
        List<WriteFile> files =
                of(WriteFile.class, all(plan)).stream()
                        .filter(file -> file.path().equals(path))
                        .toList();
        assertThat(files).hasSize(1);
        return new String(files.getFirst().content(), StandardCharsets.UTF_8);
    }

    @Test
    void devicesAreThoseThatTheHostHas() {
        assertThat(of(MountStep.Device.class, all(plan(policy()))))
                .containsExactly(
                        new MountStep.Device("null", new Target("dev/null", true)),
                        new MountStep.Device("zero", new Target("dev/zero", true)));
    }

    @Test
    void tmpAndSharedMemoryAreOneScratchOfThePolicysSize() {
        MountPlan plan = plan(policy().scratchSize(SIZE).scratchInodes(9));
        assertThat(of(Scratch.class, all(plan)))
                .containsExactly(new Scratch(List.of("tmp", "dev/shm"), SIZE.value(), 9));
        assertThat(plan.own().getFirst()).isInstanceOf(Scratch.class);
    }

    @Test
    void aPlaceOfTheScratchThatTheCallerTakesIsLeftToTheCaller() {
        assertThat(scratch(new Tmpfs("/tmp", SIZE))).containsExactly(List.of("dev/shm"));
        assertThat(scratch(Bind.writable(Path.of("/srv"), "/dev/shm")))
                .containsExactly(List.of("tmp"));
        assertThat(scratch(new Tmpfs("/tmp", SIZE), new Tmpfs("/dev/shm", SIZE))).isEmpty();
    }

    private static List<List<String>> scratch(Mount... mounts) {
        MountPlan plan = plan(policy(mounts));
        ModelTree.build(plan);
        return of(Scratch.class, all(plan)).stream().map(Scratch::places).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr",
                "/bin",
                "/etc/ld.so.cache",
                "/etc/ssl/certs",
                "/etc/localtime",
                "/etc/passwd",
                "/etc/hosts",
                "/dev/null",
                "/dev/stdin",
                "/var/tmp",
                "/tmp"
            })
    void aFileOfTheCallerReplacesWhatWouldStandThere(String place) {
        MountPlan plan = plan(policy(FileContent.text(place, "mine")));
        ModelTree.build(plan);
        assertThat(content(plan, place.substring(1))).isEqualTo("mine");
        assertThat(of(MountStep.Bind.class, all(plan)))
                .extracting(bind -> "/" + bind.target().path())
                .doesNotContain(place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr", "/etc/ssl/certs", "/etc", "/dev", "/var", "/home", "/run"})
    void aTreeOfTheCallerCoversWhatWouldStandThere(String place) {
        for (Mount mount : List.of(Bind.readOnly(Path.of("/srv"), place), new Tmpfs(place, SIZE))) {
            MountPlan plan = plan(policy(mount));
            ModelTree.build(plan);
            assertThat(of(MountStep.Bind.class, plan.base().steps()))
                    .extracting(bind -> "/" + bind.target().path())
                    .doesNotContain(place);
        }
    }

    @Test
    void aLinkOfTheCallerReplacesALinkOfTheHost() {
        MountPlan plan = plan(policy(new Symlink("/bin", "usr/other")));
        assertThat(of(MakeSymlink.class, all(plan)))
                .filteredOn(link -> link.path().equals("bin"))
                .containsExactly(new MakeSymlink("bin", "usr/other"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/usr", "/etc", "/dev", "/dev/shm", "/home", "/run", "/var", "/tmp", "/bin"})
    void anEmptyDirectoryOrALinkReplacesWhatWouldStandThereWithAllThatIsInIt(String place) {
        String path = place.substring(1);
        MountPlan empty = plan(policy(new EmptyDirectory(place, 0700)));
        ModelTree.build(empty);
        assertThat(all(empty)).containsOnlyOnce(new MakeDirectory(path, 0700));
        assertThat(paths(all(empty))).noneMatch(each -> each.startsWith(path + "/"));

        MountPlan link = plan(policy(new Symlink(place, "elsewhere")));
        ModelTree.build(link);
        assertThat(all(link)).containsOnlyOnce(new MakeSymlink(path, "elsewhere"));
        assertThat(paths(all(link))).noneMatch(each -> each.startsWith(path + "/"));
    }

    @Test
    void aDirectoryThatIsThereAlreadyBecauseOfWhatLiesInItIsRefused() {
        Mount below = FileContent.text("/data/f", "x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(policy(below, new EmptyDirectory("/data", 0700))))
                .withMessageContaining("/data");
        assertThat(all(plan(policy(new EmptyDirectory("/data", 0700), below))))
                .containsOnlyOnce(new MakeDirectory("data", 0700));
    }

    @Test
    void whatIsMadeInTheRootIsMadeBeforeItIsSealed() {
        MountPlan plan =
                plan(
                        policy(
                                FileContent.text("/data/a/file", "x"),
                                new Symlink("/data/link", "a"),
                                new EmptyDirectory("/empty"),
                                new Tmpfs("/work", SIZE),
                                Bind.writable(Path.of("/srv"), "/in/side")));
        List<MountStep> base = plan.base().steps();
        assertThat(base.getFirst()).isInstanceOf(MountStep.NewRoot.class);
        assertThat(base.getLast()).isInstanceOf(MountStep.SealRoot.class);
        assertThat(of(MountStep.SealRoot.class, all(plan))).hasSize(1);
        assertThat(base)
                .contains(
                        new MakeDirectory("data", 0755),
                        new MakeDirectory("data/a", 0755),
                        new MakeSymlink("data/link", "a"),
                        new MakeDirectory("empty", 0755),
                        new MakeDirectory("work", 0755),
                        new MakeDirectory("in/side", 0755));
        ModelTree.build(plan);
    }

    @Test
    void whatTheSandboxCanWriteToIsNoPartOfTheBase() {
        MountPlan plan =
                plan(policy(new Tmpfs("/work", SIZE), Bind.writable(Path.of("/srv"), "/in")));
        assertThat(plan.base().steps())
                .noneMatch(step ->
                        step instanceof Scratch
                                || step instanceof MountStep.Tmpfs
                                || step instanceof MountStep.Proc
                                || step instanceof MountStep.Bind bind
                                        && !bind.attributes().readOnly());
    }

    @Test
    void anOptionalBindWithoutASourceIsLeftOut() {
        Bind gone = Bind.readOnly(Path.of("/gone"), "/in").skipIfMissing();
        Bind there = Bind.readOnly(Path.of("/there"), "/other").skipIfMissing();
        MountPlan plan =
                plan(policy(gone, there), Map.of(there, Plans.found(there)), Plans.OCCUPANT);
        assertThat(plan.own())
                .noneMatch(step ->
                        step instanceof MountStep.Bind bind && bind.target().path().equals("in"));
        assertThat(plan.own())
                .anyMatch(step ->
                        step instanceof MountStep.Bind bind
                                && bind.target().path().equals("other"));
        assertThat(of(MakeDirectory.class, all(plan)))
                .extracting(MakeDirectory::path)
                .contains("other")
                .doesNotContain("in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/usr", "/etc/passwd", "/bin", "/dev", "/etc"})
    void aBindThatIsLeftOutTakesNobodysPlace(String place) {
        Bind gone = Bind.readOnly(Path.of("/gone"), place).skipIfMissing();
        assertThat(plan(policy(gone), Map.of(), Plans.OCCUPANT)).isEqualTo(plan(policy()));
    }
}
