package io.cloister.samples.build.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

@Tag("kernel")
class StepRunnerKernelTest {
    @TempDir Path root;
    @TempDir Path cache;
    private final List<String> said = new CopyOnWriteArrayList<>();

    private static Step shell(String script, List<String> inputs, String... outputs) {
        return needing(List.of(), script, inputs, outputs);
    }

    private static Step needing(
            List<String> needs, String script, List<String> inputs, String... outputs) {
        return new Step(
                List.of("sh", "-c", script),
                inputs,
                needs,
                List.of(outputs),
                Map.of(),
                List.of("/bin/sh"),
                new StepLimits("256m", "20s", "16m"));
    }

    private Map<String, StepEnd> run(Map<String, Step> steps) throws IOException {
        return new StepRunner(root, cache, Bytes.mebibytes(16), said::add).run(steps, List.of());
    }

    private StepEnd run(Step step) throws IOException {
        return run(Map.of("step", step)).get("step");
    }

    private void write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void aStepSeesItsInputsAndItsOutputsArrive() throws IOException {
        write("src/a.txt", "a");
        write("src/deep/b.txt", "b");
        StepEnd end =
                run(
                        shell(
                                "mkdir out; cat src/a.txt src/deep/b.txt > out/ab",
                                List.of("src"),
                                "out"));
        assertThat(end).as(said.toString()).isEqualTo(new StepEnd.Made(List.of()));
        assertThat(root.resolve("out/ab")).hasContent("ab");
    }

    @Test
    void whatIsNotDeclaredIsNotThere() throws IOException {
        write("declared.c", "x");
        write("other.h", "x");
        StepEnd end =
                run(
                        shell(
                                "test -e declared.c && ! test -e other.h && touch out",
                                List.of("*.c"),
                                "out"));
        assertThat(end).as(said.toString()).isInstanceOf(StepEnd.Made.class);
    }

    @Test
    void anOutputThatIsMissingIsNamed() throws IOException {
        assertThat(run(shell("touch one", List.of(), "one", "two")))
                .isEqualTo(new StepEnd.Failed("it did not make its output two"));
        assertThat(root.resolve("one")).doesNotExist();
    }

    @Test
    void whatIsMadeAndNotDeclaredIsDroppedAndNamed() throws IOException {
        StepEnd end = run(shell("mkdir d; touch out d/more", List.of(), "out"));
        assertThat(end).isEqualTo(new StepEnd.Made(List.of("d/more")));
        assertThat(root.resolve("d")).doesNotExist();
    }

    @Test
    void linksInThePlaceOfOutputsAreRefused() throws IOException {
        write("secret", "mine");
        String script = "ln -s %s out".formatted(root.resolve("secret"));
        assertThat(run(shell(script, List.of(), "out"))).isInstanceOf(StepEnd.Failed.class);
        assertThat(run(shell("mkdir out; ln -s /etc/passwd out/x", List.of(), "out")))
                .isInstanceOf(StepEnd.Failed.class);
        assertThat(root.resolve("out")).doesNotExist();
        assertThat(run(shell("mkdir out; cp /etc/passwd out/x", List.of(), "out")))
                .isInstanceOf(StepEnd.Made.class);
    }

    @Test
    void linksOfTheProjectAreNotFollowed(@TempDir Path elsewhere) throws IOException {
        Files.writeString(elsewhere.resolve("key"), "mine");
        Files.createSymbolicLink(root.resolve("link"), elsewhere);
        StepEnd end = run(shell("mkdir link; echo theirs > link/key", List.of(), "link/key"));
        assertThat(end).isInstanceOf(StepEnd.Failed.class).asString().contains("behind the link");
        assertThat(elsewhere.resolve("key")).hasContent("mine");
        assertThat(run(shell("cp link/key out", List.of("link/key"), "out")))
                .isInstanceOf(StepEnd.Failed.class)
                .asString()
                .contains("behind the link");
        assertThat(root.resolve("out")).doesNotExist();
    }

    @Test
    void theCacheIsNoOutputAndNobodyElses() throws IOException {
        StepRunner runner =
                new StepRunner(root, root.resolve("cache"), Bytes.mebibytes(16), said::add);
        Step step = shell("mkdir cache", List.of(), "cache");
        assertThat(runner.run(Map.of("step", step), List.of()).get("step"))
                .asString()
                .contains("would replace the cache");
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> run(step))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("others can put results into it");
    }

    @Test
    void aResultComesFromTheCacheWithItsBytesModesAndStreams() throws IOException {
        write("in", "1");
        Step step = shell("echo said; date +%N > out; chmod 755 out", List.of("in"), "out");
        assertThat(run(step)).isInstanceOf(StepEnd.Made.class);
        String made = Files.readString(root.resolve("out"));
        Files.delete(root.resolve("out"));
        said.clear();
        assertThat(run(step)).isEqualTo(new StepEnd.Restored());
        assertThat(root.resolve("out")).hasContent(made.strip());
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(root.resolve("out"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(said).contains("step | said", "step: from the cache");
    }

    @Test
    void aChangedInputIsAMiss() throws IOException {
        write("in", "1");
        Step step = shell("cp in out", List.of("in"), "out");
        run(step);
        write("in", "2");
        assertThat(run(step)).isInstanceOf(StepEnd.Made.class);
        assertThat(root.resolve("out")).hasContent("2");
    }

    @Test
    void aDamagedEntryIsAMissAndSaid() throws IOException {
        Step step = shell("echo right > out", List.of(), "out");
        run(step);
        try (Stream<Path> all = Files.walk(cache)) {
            Path stored = all.filter(it -> it.endsWith("outputs/out")).findFirst().orElseThrow();
            Files.writeString(stored, "wrong\n");
        }
        assertThat(run(step)).isInstanceOf(StepEnd.Made.class);
        assertThat(root.resolve("out")).hasContent("right");
        assertThat(said).anyMatch(it -> it.contains("is damaged, and dropped: outputs/out"));
    }

    @Test
    void aStepThatFailsIsNotCachedAndThoseThatNeedItAreSkipped() throws IOException {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("bad", shell("echo why >&2; exit 3", List.of(), "out"));
        steps.put("next", needing(List.of("bad"), "true", List.of()));
        assertThat(run(steps))
                .containsEntry("bad", new StepEnd.Failed("exit code 3"))
                .containsEntry("next", new StepEnd.Skipped("bad"));
        assertThat(said).contains("bad | why");
        try (Stream<Path> entries = Files.list(cache.resolve("entries"))) {
            assertThat(entries).isEmpty();
        }
        try (Stream<Path> unfinished = Files.list(cache.resolve("unfinished"))) {
            assertThat(unfinished).isEmpty();
        }
    }

    @Test
    void outputsAreInputsOfThoseThatNeedThem() throws IOException {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("one", shell("echo 1 > one", List.of(), "one"));
        steps.put("two", shell("echo 2 > two", List.of(), "two"));
        steps.put("both", needing(List.of("one", "two"), "cat one two > both", List.of(), "both"));
        assertThat(run(steps).values()).allMatch(StepEnd::isSuccess);
        assertThat(root.resolve("both")).hasContent("1\n2");
    }

    @Test
    void theCacheStaysWithinItsSize() throws IOException {
        for (int i = 0; i < 4; i++) {
            run(shell("head -c 7000000 /dev/zero > out; echo " + i + " >> out", List.of(), "out"));
        }
        assertThat(Trees.size(cache)).isBetween(7_000_000L, 16L << 20);
    }
}
