package io.cloister.sandbox.linux.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

class TreeWatchTest {
    private static final long PROCESS_MEMORY = 123 * 1024;

    @TempDir private Path directory;
    private FakeProc proc;

    @BeforeEach
    void putUnrelatedProcesses() {
        proc = new FakeProc(directory, true);
        proc.process(1, 0, 0, 900, 9000).children(1, 1, 10);
        proc.write("self/stat", "nothing of interest");
    }

    private static TreeSample sample(TreeWatch watch) {
        return watch.sample().orElseThrow();
    }

    private static long ticks(long count) {
        return Duration.ofMillis(10 * count).toNanos();
    }

    @Test
    void aProcessThatIsNotThereHasNoTree() {
        assertThat(proc.watch(99).sample()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sumsAllDescendants(boolean kernelListsChildren, @TempDir Path empty) {
        FakeProc tree =
                new FakeProc(empty, kernelListsChildren)
                        .process(1, 0, 0, 900, 9000)
                        .process(10, 1, 5, 1, 20)
                        .children(10, 10, 11, 12)
                        .process(11, 10, 6, 300, 0)
                        .process(12, 10, 7, 4000, 50_000)
                        .children(12, 12, 13)
                        .process(13, 12, 8, 600_000, 0)
                        .process(14, 1, 9, 7, 7);

        assertThat(tree.watch(10).sample())
                .contains(new TreeSample(4, 4, 4 * PROCESS_MEMORY, ticks(654_321)));
    }

    @Test
    void findsTheChildrenOfEachThread() {
        proc.process(10, 1, 5, 1, 0, 3)
                .children(10, 10)
                .children(10, 17, 20)
                .children(10, 18, 21)
                .process(20, 10, 6, 20, 0)
                .process(21, 10, 6, 300, 0);

        assertThat(sample(proc.watch(10)).cpuNanos()).isEqualTo(ticks(321));
    }

    @Test
    void aChildThatIsGoneWhenItIsReadIsLeftOut() {
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11, 12).process(12, 10, 6, 20, 0);

        assertThat(proc.watch(10).sample())
                .contains(new TreeSample(2, 2, 2 * PROCESS_MEMORY, ticks(21)));
    }

    @Test
    void idsThatWereUsedAgainMeanwhileDoNotMakeACircle() {
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 1, 0);
        proc.children(11, 11, 10, 11);

        assertThat(sample(proc.watch(10)).processes()).isEqualTo(2);
    }

    @Test
    void timeOfAChildThatNobodyWaitedForIsKept() {
        TreeWatch watch = proc.watch(10);
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 50, 0);
        assertThat(sample(watch).cpuNanos()).isEqualTo(ticks(51));

        proc.end(11).children(10, 10, 12).process(12, 10, 7, 30, 0);
        assertThat(sample(watch)).isEqualTo(new TreeSample(2, 2, 2 * PROCESS_MEMORY, ticks(81)));

        proc.end(12).children(10, 10);
        assertThat(sample(watch)).isEqualTo(new TreeSample(1, 1, PROCESS_MEMORY, ticks(81)));
    }

    @Test
    void timeOfAChildThatWasWaitedForCountsOnce() {
        TreeWatch watch = proc.watch(10);
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 50, 0);
        sample(watch);

        proc.end(11).process(10, 1, 5, 2, 51);
        assertThat(sample(watch).cpuNanos()).isEqualTo(ticks(53));
    }

    @Test
    void timeOfChildrenThatWereNeverSeenCounts() {
        TreeWatch watch = proc.watch(10);
        proc.process(10, 1, 5, 1, 0);
        sample(watch);

        proc.process(10, 1, 5, 1, 70);
        assertThat(sample(watch).cpuNanos()).isEqualTo(ticks(71));
    }

    @Test
    void aChildThatTheListLeavesOutIsStillCounted() {
        TreeWatch watch = proc.watch(10);
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 50, 0);
        sample(watch);

        proc.children(10, 10).process(11, 10, 6, 60, 0);
        assertThat(sample(watch)).isEqualTo(new TreeSample(2, 2, 2 * PROCESS_MEMORY, ticks(61)));
        assertThat(sample(watch).cpuNanos()).isEqualTo(ticks(61));
    }

    @Test
    void anIdThatIsUsedAgainIsAnotherProcess() {
        TreeWatch watch = proc.watch(10);
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 50, 0);
        sample(watch);

        proc.process(11, 10, 900, 3, 0);
        assertThat(sample(watch).cpuNanos()).isEqualTo(ticks(54));
        proc.children(10, 10).process(11, 1, 901, 5000, 0);
        assertThat(sample(watch)).isEqualTo(new TreeSample(1, 1, PROCESS_MEMORY, ticks(54)));
    }

    @Test
    void memoryThatIsSharedCountsOnceWhereTheKernelTells() {
        proc.process(10, 1, 5, 1, 0).children(10, 10, 11).process(11, 10, 6, 1, 0);
        proc.write("10/smaps_rollup", "Pss_Anon: 60 kB\nPss_Shmem: 10 kB\nSwapPss: 1 kB\n");

        assertThat(proc.watch(10).sampleSharedOnce().orElseThrow().memoryBytes())
                .isEqualTo(71 * 1024 + PROCESS_MEMORY);
    }

    @Test
    void aFileThatCannotBeReadThoughItsProcessIsThereIsAnError() throws IOException {
        proc.process(10, 1, 5, 1, 0).makeUnreadable(10);

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> proc.watch(10).sample())
                .withMessageEndingWith("/10/stat must be readable");
    }
}
