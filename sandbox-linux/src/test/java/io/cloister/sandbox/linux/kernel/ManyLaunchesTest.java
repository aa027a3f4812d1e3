package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Ten thousand launches from eight threads; the property `io.cloister.sandbox.test.launches` sets
/// another number.
@Tag("kernel")
@Tag("load")
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyLaunchesTest {

    private static final int LAUNCHES =
            Integer.getInteger("io.cloister.sandbox.test.launches", 10_000);
    private static final int THREADS = 8;

    /// Where the machine is busy with other work, launchers come back late.
    private static final int LAUNCHERS = 16;

    /// Of a launcher, with files of its control groups.
    private static final int DESCRIPTORS = 40;

    private static final long GROWTH = 16 * 1024 * 1024;

    @Test
    void nothingGrows() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            launch(sandbox, Math.max(THREADS * 10, LAUNCHES / 20));
            long heap = heap();
            long mounts = Host.mounts();
            long processes = Host.descendants();
            int descriptors = Host.descriptors().size();
            launch(sandbox, LAUNCHES);
            // Threads that overlap more than before may have needed more launchers.
            int more = LAUNCHERS * THREADS;
            Host.awaitDescendants(processes + more);
            assertThat(Host.mounts()).isEqualTo(mounts);
            assertThat(Host.descriptors().size())
                    .isLessThanOrEqualTo(descriptors + DESCRIPTORS * more);
            assertThat(heap() - heap).isLessThan(GROWTH);
        }
    }

    private static void launch(Sandbox sandbox, int count) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                futures.add(threads.submit(() -> launchInTurn(sandbox, count / THREADS)));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        }
    }

    private static Void launchInTurn(Sandbox sandbox, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            int code = i % 256;
            assertThat(sandbox.run(victim("exit", String.valueOf(code)))).exited(code);
        }
        return null;
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
