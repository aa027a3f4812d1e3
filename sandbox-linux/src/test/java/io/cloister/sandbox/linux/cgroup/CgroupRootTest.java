package io.cloister.sandbox.linux.cgroup;

import static io.cloister.sandbox.linux.cgroup.TestLauncher.await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.Metric;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The subtree of this JVM: made, swept, removed.
@Tag("kernel")
@Timeout(120)
class CgroupRootTest {
    private static final long PROMPT_NANOS = 20_000_000_000L;

    /// The directories that subtrees of this JVM are made in.
    private static List<Path> parents(CgroupHost host) {
        List<Path> parents = new ArrayList<>();
        host.unified().ifPresent(unified -> parents.add(Path.of(unified.directory())));
        if (host.uid() == 0) {
            host.directories().forEach((controller, parent) -> parents.add(Path.of(parent)));
        }
        return parents.stream().distinct().toList();
    }

    private static Owner self() {
        return Owner.running(CgroupView.running());
    }

    /// Those of this JVM: sandboxes of other tests may have theirs.
    private static Set<Path> subtrees(Path parent) {
        return GroupTree.children(parent).stream()
                .filter(path -> path.getFileName().toString().startsWith(self().name()))
                .collect(Collectors.toSet());
    }

    private static Map<Path, Set<Path>> subtrees() {
        return parents(CgroupHost.detect()).stream()
                .collect(Collectors.toMap(parent -> parent, CgroupRootTest::subtrees));
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.count();
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        TestLauncher.with().close();
        Map<Path, Set<Path>> before = subtrees();
        long open = descriptors();
        try (TestLauncher launcher = TestLauncher.with(Controller.PIDS)) {
            List<Path> parents = parents(launcher.root.host());
            assertThat(parents).anyMatch(parent -> !subtrees(parent).equals(before.get(parent)));
            for (int i = 0; i < 50; i++) {
                try (RunGroup run = launcher.begin(Limits.usual(32 << 20, 10))) {
                    run.read();
                    run.pidsEvents();
                    run.memoryEvents();
                }
            }
            RunGroup forgotten = launcher.begin(CgroupLimits.NONE);
            launcher.start(forgotten, "sleep 1000 & sleep 1000");
            await("processes", () -> TestLauncher.value(forgotten, Metric.PIDS_CURRENT) > 1);
            forgotten.close();
        }
        for (Path parent : parents(CgroupHost.detect())) {
            await("removed", () -> subtrees(parent).equals(before.get(parent)));
        }
        await("descriptors", () -> isAtMost(open));
    }

    private static boolean isAtMost(long count) {
        try {
            return descriptors() <= count;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatADeadOwnerLeftIsRemovedAndTheRestStays() throws Exception {
        TestLauncher.with().close();
        Owner self = self();
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Owner gone = new Owner(self.boot(), self.namespace(), dead.pid(), 1);
        Owner recycled = new Owner(self.boot(), self.namespace(), self.pid(), 1);
        Owner elsewhere = new Owner(self.boot(), "1", dead.pid(), 1);
        ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
        Owner living = living(self, parent.pid());
        for (Path directory : parents(CgroupHost.detect())) {
            List<Path> kept =
                    List.of(
                            directory.resolve(elsewhere.name()),
                            directory.resolve(living.name()),
                            directory.resolve("cloister-of-somebody"));
            List<Path> swept =
                    List.of(directory.resolve(gone.name()), directory.resolve(recycled.name()));
            Process orphan = new ProcessBuilder("sleep", "1000").start();
            try {
                for (Path path : kept) {
                    Files.createDirectory(path);
                }
                for (Path path : swept) {
                    Files.createDirectories(path.resolve("u0-1/r1"));
                }
                boolean joined = join(swept.getFirst().resolve("u0-1/r1"), orphan.pid());
                Sweep.of(
                        directory.toString(),
                        self,
                        CgroupHost.detect().uid(),
                        CgroupView.running());

                assertThat(kept).allMatch(Files::exists);
                assertThat(swept).noneMatch(Files::exists);
                if (joined) {
                    await("the orphan's end", () -> !orphan.isAlive());
                }
            } finally {
                orphan.destroyForcibly().waitFor();
                for (Path path : kept) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    /// A cpuset without CPUs takes no process.
    private static boolean join(Path group, long pid) {
        try (GroupDirectory directory = GroupDirectory.open(group.toString())) {
            return directory.tryWrite("cgroup.procs", String.valueOf(pid)) >= 0;
        }
    }

    private static Owner living(Owner self, long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Owner(self.boot(), self.namespace(), pid, Long.parseLong(fields[19]));
    }

    @Test
    void aFrozenRunThatNobodyEndedIsRemovedAsWell() {
        Map<Path, Set<Path>> before = subtrees();
        TestLauncher launcher = TestLauncher.with(Controller.PIDS);
        RunGroup run = launcher.begin(CgroupLimits.NONE);
        launcher.start(run, "sleep 1000");
        await("processes", () -> TestLauncher.value(run, Metric.PIDS_CURRENT) > 0);
        run.freeze();
        long start = System.nanoTime();
        launcher.close();

        assertThat(System.nanoTime() - start).isLessThan(PROMPT_NANOS);
        for (Path parent : parents(CgroupHost.detect())) {
            await("removed", () -> subtrees(parent).equals(before.get(parent)));
        }
    }

    @Test
    void aClosedRootMakesNoSlots() {
        CgroupRoot root = CgroupRoot.of(CgroupHost.detect());
        root.close();

        assertThatThrownBy(root::shared).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLauncherOfAnotherUserMayMoveItsRunsButNotChangeTheirLimits() throws Exception {
        CgroupHost host = CgroupHost.detect();
        Assumptions.assumeTrue(host.uid() == 0, "needs CAP_SETUID: run as root");
        Assumptions.assumeTrue(host.hasVersion2(), "no control groups of version 2 here");
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/setpriv")),
                "no setpriv here: install the Debian package util-linux");
        try (CgroupRoot root = CgroupRoot.of(host);
                CgroupSlot slot = root.slot(4711, 4711, java.util.Set.of());
                RunGroup run = slot.begin(Limits.usual(32 << 20, 10), 0)) {
            Path launcher =
                    TestLauncher.link("/proc/self/fd/" + slot.launcherDirectory().getAsInt());
            Path leaf = TestLauncher.leaf(run);
            String script =
                    "echo $$ > %1$s/cgroup.procs; exec setpriv --reuid 4711 --regid 4711"
                            + " --clear-groups sh -c '"
                            + "echo $$ > %2$s/cgroup.procs && echo moved;"
                            + "echo max > %2$s/memory.max && echo changed;"
                            + "echo $$ > %3$s/cgroup.procs && echo escaped;"
                            + "mkdir %2$s/x && echo made'";
            Process shell =
                    new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    script.formatted(
                                            launcher, leaf, launcher.getParent().getParent()))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            shell.waitFor();

            assertThat(out).isEqualTo("moved\n");
        }
    }
}
