package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The limit on output, by each way that output can take.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OutputLimitTest {

    private static final int LIMIT = 100_000;
    private static final String BEYOND = "10000000";

    @TempDir Path directory;

    private static Sandbox.Builder limited() {
        return strict().outputLimit(Bytes.of(LIMIT)).wallTimeLimit(Duration.ofSeconds(20));
    }

    @Test
    void exactlyTheLimitIsAllowed() {
        var result = run(limited(), victim("flood", "1", String.valueOf(LIMIT)));
        assertThat(result).exited(0);
        assertThat(result.stdout()).hasSize(LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"100001", BEYOND})
    void moreEndsTheRunAndTheLimitIsKept(String size) {
        var result = run(limited(), victim("flood", "1", size));
        assertThat(result).reached(Limit.OUTPUT);
        assertThat(result.stdout()).hasSize(LIMIT);
    }

    @Test
    void standardErrorHasTheSameLimit() {
        var result = run(limited(), victim("flood", "2", BEYOND));
        assertThat(result).reached(Limit.OUTPUT);
        assertThat(result.stderr()).hasSize(LIMIT);
        var both = shell(limited(), "/victim flood 1 90000; /victim flood 2 90000");
        assertThat(both).exited(0);
    }

    @Test
    void mergedOutputHasOneLimit() {
        var command =
                io.cloister.sandbox.Command.of(
                        "/bin/sh", "-c", "/victim flood 1 90000; /victim flood 2 90000; sleep 100");
        var result = run(limited(), command.mergeStderr());
        assertThat(result).reached(Limit.OUTPUT);
        assertThat(result.stdout()).hasSize(LIMIT);
    }

    @Test
    void aFileHasTheLimit() throws IOException {
        Path out = directory.resolve("out");
        var command = victim("flood", "1", BEYOND).stdout(Output.file(out));
        assertThat(run(limited(), command)).reached(Limit.OUTPUT);
        assertThat(Files.size(out)).isEqualTo(LIMIT);
    }

    @Test
    void aConsumerHasTheLimit() {
        var count = new AtomicLong();
        var output = Output.consumer(bytes -> count.addAndGet(bytes.remaining()));
        assertThat(run(limited(), victim("flood", "1", BEYOND).stdout(output)))
                .reached(Limit.OUTPUT);
        assertThat(count).hasValue(LIMIT);
    }

    @Test
    void aPipeHasTheLimit() throws Exception {
        try (Sandbox sandbox = limited().build()) {
            SandboxProcess process = sandbox.start(victim("flood", "1", BEYOND));
            assertThat(process.getInputStream().readAllBytes()).hasSize(LIMIT);
            assertThat(process.waitForResult()).reached(Limit.OUTPUT);
        }
    }

    @Test
    void discardedOutputHasTheLimit() {
        var command = victim("flood", "1", BEYOND).stdout(Output.discard());
        assertThat(run(limited(), command)).reached(Limit.OUTPUT);
        assertThat(run(limited(), victim("flood", "1", "1000").stdout(Output.discard()))).exited(0);
    }

    @Test
    void withoutALimitEverythingIsKept() {
        var result = run(strict().unlimitedOutput(), victim("flood", "1", "20000000"));
        assertThat(result).exited(0);
        assertThat(result.stdout()).hasSize(20_000_000);
    }

    @Test
    void theLimitIsNeverMissedHoweverEarlyItIsReached() throws Exception {
        Sandbox.Builder one = limited().outputLimit(Bytes.of(1));
        List<Future<?>> runs = new ArrayList<>();
        try (Sandbox sandbox = one.build();
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 400; i++) {
                runs.add(
                        threads.submit(() -> {
                            var result = sandbox.run(victim("flood", "1", "1000"));
                            assertThat(result).reached(Limit.OUTPUT);
                            assertThat(result.stdout()).hasSize(1);
                            return null;
                        }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }
}
