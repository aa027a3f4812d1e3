package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Hogs.nextLine;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/// Usage of a command that still runs.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LiveUsageTest {

    @Test
    void processorTimeGrows() throws Exception {
        Cgroups.assume("cpuacct");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process =
                    sandbox.start(hog("burn 200 , say a , line , burn 200 , say b , line"));
            var output = process.inputReader();
            assertThat(output.readLine()).isEqualTo("a");
            Duration first = process.usage().cpuTime().orElseThrow();
            nextLine(process);
            assertThat(output.readLine()).isEqualTo("b");
            Duration second = process.usage().cpuTime().orElseThrow();
            assertThat(first).isBetween(Duration.ofMillis(199), Duration.ofMillis(300));
            assertThat(second.minus(first))
                    .isBetween(Duration.ofMillis(199), Duration.ofMillis(300));
        }
    }

    @Test
    void memoryIsToldByItsKinds() throws Exception {
        Cgroups.assume("memory");
        try (Sandbox sandbox = hogs().build()) {
            String acts = "small 20 , shared 12 , pipes 8 , say full , line";
            SandboxProcess process = sandbox.start(hog(acts));
            assertThat(process.inputReader().readLine()).isEqualTo("full");
            var memory = process.usage().memory();
            assertAbout(20, memory.anonymous().orElseThrow());
            assertAbout(12, memory.shared().orElseThrow());
            assertThat(memory.file().orElseThrow())
                    .isGreaterThanOrEqualTo(memory.shared().orElseThrow());
            assertAbout(40, memory.current().orElseThrow());
            assertThat(memory.peak().orElseThrow())
                    .isGreaterThanOrEqualTo(memory.current().orElseThrow());
            memory.kernel().ifPresent(kernel -> assertAbout(8, kernel));
        }
    }

    /// The kernel counts what processors keep at hand, and the program has memory besides.
    private static void assertAbout(int mebibytes, Bytes size) {
        assertThat(size).isBetween(Bytes.mebibytes(mebibytes - 1), Bytes.mebibytes(mebibytes + 8));
    }

    @Test
    void processesAreCounted() throws Exception {
        Cgroups.assume("pids");
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process =
                    sandbox.start(hog("say one , line , forks 5 , say six , line"));
            var output = process.inputReader();
            assertThat(output.readLine()).isEqualTo("one");
            assertThat(process.usage().processes()).contains(1L);
            nextLine(process);
            assertThat(output.readLine()).isEqualTo("six");
            assertThat(process.usage().processes()).contains(6L);
        }
    }

    @Test
    void ofARunThatIsOverItIsThatOfTheResult() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("burn 20"));
            SandboxResult result = process.waitForResult();
            assertThat(process.usage()).isEqualTo(result.usage());
        }
    }

    @Test
    void ofARunThatIsEndingItCanBeAskedFor() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            for (int i = 0; i < 40; i++) {
                SandboxProcess process = sandbox.start(hog("burn 1"));
                while (process.isAlive()) {
                    assertThat(process.usage().wallTime()).isGreaterThanOrEqualTo(Duration.ZERO);
                }
                assertThat(process.waitForResult()).exited(0);
            }
        }
    }

    @Test
    void samplesArriveUntilTheEnd() throws Exception {
        try (Sandbox sandbox = hogs().build()) {
            SandboxProcess process = sandbox.start(hog("line , burn 600"));
            Samples samples = new Samples();
            process.samples(Duration.ofMillis(40)).subscribe(samples);
            nextLine(process);
            SandboxResult result = process.waitForResult();
            assertThat(result).exited(0);
            List<ResourceUsage> all = samples.over.get(60, TimeUnit.SECONDS);
            assertThat(all).hasSizeGreaterThan(4);
            assertThat(all.getLast()).isEqualTo(result.usage());
            assertThat(all).extracting(ResourceUsage::wallTime).isSorted();
        }
    }

    /// Takes whatever comes.
    private static final class Samples implements Flow.Subscriber<ResourceUsage> {
        private final List<ResourceUsage> seen = new CopyOnWriteArrayList<>();
        private final CompletableFuture<List<ResourceUsage>> over = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ResourceUsage usage) {
            seen.add(usage);
        }

        @Override
        public void onError(Throwable failure) {
            over.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            over.complete(seen);
        }
    }
}
