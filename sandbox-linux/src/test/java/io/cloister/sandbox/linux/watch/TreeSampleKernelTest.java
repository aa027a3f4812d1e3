package io.cloister.sandbox.linux.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Real processes of this host, without a sandbox.
@Tag("kernel")
@Timeout(60)
class TreeSampleKernelTest {
    private static final long MEBIBYTE = 1024 * 1024;
    private final List<Process> started = new ArrayList<>();

    private int shell(String script) throws IOException {
        Process process =
                new ProcessBuilder("/bin/sh", "-c", script)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        started.add(process);
        return Math.toIntExact(process.pid());
    }

    @AfterEach
    void killAll() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
        }
    }

    private static TreeSample await(int pid, Predicate<TreeSample> condition)
            throws InterruptedException {
        TreeSample sample = TreeSample.of(pid).orElseThrow();
        while (!condition.test(sample)) {
            Thread.sleep(5);
            sample = TreeSample.of(pid).orElseThrow();
        }
        return sample;
    }

    @Test
    void countsChildrenAndGrandchildren() throws Exception {
        int pid = shell("sleep 100 & (sleep 100; :) & wait");

        TreeSample sample = await(pid, it -> it.processes() == 4);
        assertThat(sample.threads()).isEqualTo(4);
        assertThat(sample.memoryBytes()).isPositive();
    }

    @Test
    void countsThreads() {
        int self = Math.toIntExact(ProcessHandle.current().pid());

        assertThat(TreeSample.of(self).orElseThrow().threads()).isGreaterThan(4);
    }

    @Test
    void countsTimeOfRunningChildrenAndOfThoseWaitedFor() throws Exception {
        long start = System.nanoTime();
        int pid = shell("timeout 0.3 sh -c 'while :; do :; done'; while :; do :; done & wait");

        TreeSample sample = await(pid, it -> it.cpuNanos() >= 400_000_000 && it.processes() == 2);
        assertThat(sample.cpuNanos()).isLessThanOrEqualTo(System.nanoTime() - start);
    }

    @Test
    void countsMemoryOfTheWholeTreeAndForgetsItAtTheEnd() throws Exception {
        // tail keeps a line without an end.
        String hog = "{ head -c 33554432 /dev/zero; sleep 100; } | tail -n 1";
        int pid = shell(hog + " & " + hog + " & sleep 100 & wait");

        TreeSample sample = await(pid, it -> it.memoryBytes() >= 64 * MEBIBYTE);
        assertThat(sample.memoryBytes()).isLessThan(80 * MEBIBYTE);

        started.getLast()
                .descendants()
                .filter(child -> child.info().command().orElse("").endsWith("tail"))
                .forEach(ProcessHandle::destroyForcibly);
        assertThat(await(pid, it -> it.memoryBytes() < 16 * MEBIBYTE).processes()).isPositive();
    }

    @Test
    void whatAForkSharesCountsOnceIfAskedTo() throws Exception {
        String text = "x=$(head -c 16777216 /dev/zero | tr '\\000' x); ";
        int pid = shell(text + "(sleep 100; :) & (sleep 100; :) & (sleep 100; :) & wait");

        TreeSample quick = await(pid, it -> it.processes() == 7 && it.memoryBytes() > 0);
        TreeSample precise = TreeSample.ofSharedOnce(pid).orElseThrow();
        assertThat(quick.memoryBytes()).isGreaterThan(64 * MEBIBYTE);
        assertThat(precise.memoryBytes()).isBetween(16 * MEBIBYTE, quick.memoryBytes() / 2);
    }

    @Test
    void processesThatComeAndGoMeanwhileAreNoError() throws Exception {
        int pid = shell("while :; do /bin/true; (:) & done");
        TreeWatch watch = new TreeWatch(pid);
        long last = 0;
        long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
        while (System.nanoTime() < end) {
            long now = watch.sample().orElseThrow().cpuNanos();
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
        }
        assertThat(last).isPositive();
    }

    @Test
    void aProcessThatIsGoneHasNoTree() throws Exception {
        int pid = shell(":");
        started.getLast().waitFor();

        assertThat(TreeSample.of(pid)).isEmpty();
    }
}
