package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Virtual threads run sandboxes and are not pinned by it.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtualThreadTest {

    private static final int THREADS = 50;

    @Test
    void runsFromVirtualThreadsDoNotPin(@TempDir Path directory) throws Exception {
        // Loading and initializing a class pins.
        runAll();
        try (Recording recording = new Recording()) {
            recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO);
            recording.start();
            runAll();
            recording.stop();
            Path file = directory.resolve("recording.jfr");
            recording.dump(file);
            assertThat(pinned(file)).isEmpty();
        }
    }

    private static void runAll() throws Exception {
        try (Sandbox sandbox = strict().build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                futures.add(threads.submit(() -> runs(sandbox)));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        }
    }

    private static Void runs(Sandbox sandbox) throws InterruptedException, IOException {
        Command sleep = Command.of("/bin/sh", "-c", "sleep 0.3; echo done");
        assertThat(sandbox.run(sleep)).exited(0).printed("done\n");
        assertThat(sandbox.run(sleep.stdout(Output.consumer(bytes -> {})))).exited(0);
        SandboxProcess process = sandbox.start(Command.of("/bin/cat"));
        Thread writer =
                Thread.startVirtualThread(() -> {
                    try (var out = process.getOutputStream()) {
                        out.write(new byte[300_000]);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        assertThat(process.getInputStream().readAllBytes().length).isEqualTo(300_000);
        writer.join();
        assertThat(process.waitForResult()).exited(0);
        return null;
    }

    private static List<RecordedEvent> pinned(Path file) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .filter(event ->
                        event.getStackTrace() != null
                                && event.getStackTrace().getFrames().stream()
                                        .map(f -> f.getMethod().getType().getName())
                                        .anyMatch(VirtualThreadTest::isOurs))
                .toList();
    }

    private static boolean isOurs(String type) {
        return type.startsWith("io.cloister.sandbox.")
                && !type.startsWith(VirtualThreadTest.class.getPackageName());
    }
}
