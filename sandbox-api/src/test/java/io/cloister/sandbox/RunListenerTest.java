package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Outcome.Exited;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Listeners hear of every run, once of each event, and never disturb it.
@Timeout(60)
class RunListenerTest {
    private static final Command COMMAND = Command.of("true");

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    /// Writes down what it is told.
    private final class Notes implements RunListener.Watch {
        @Override
        public Map<String, String> environment() {
            return Map.of("TRACE", "7");
        }

        @Override
        public void started(SandboxProcess process) {
            heard.add("started");
        }

        @Override
        public void ended(SandboxResult result) {
            heard.add("ended " + result.outcome() + virtual());
        }

        @Override
        public void failed(Throwable problem) {
            heard.add("failed " + problem.getMessage() + virtual());
        }

        private static String virtual() {
            return Thread.currentThread().isVirtual() ? " aside" : " on the launch path";
        }
    }

    private Sandbox.Builder heard() {
        return Sandbox.builder()
                .listener(command -> {
                    heard.add("launching " + command.program());
                    return new Notes();
                });
    }

    private Sandbox sandbox() {
        return heard().build(provider);
    }

    private void assertHeard(String... events) throws InterruptedException {
        for (String event : events) {
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(event);
        }
        assertThat(heard.poll(20, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void aStartedCommandIsToldOfThreeTimes() throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            sandbox.start(COMMAND);
            assertHeard("launching true", "started");

            provider.processes.getFirst().end(new Exited(3));
            assertHeard("ended Exited[code=3] aside");
        }
    }

    @Test
    void aCommandInTheBackgroundIsToldOfToo() throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            CompletableFuture<SandboxResult> future = sandbox.runAsync(COMMAND);
            provider.processes.getFirst().end(new Exited(0));
            future.join();

            assertHeard("launching true", "started", "ended Exited[code=0] aside");
        }
    }

    @Test
    void aLaunchThatFailsIsToldOfOnceAndStillThrown() throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            provider.failure = new SandboxException("no");

            assertThatExceptionOfType(SandboxException.class)
                    .isThrownBy(() -> sandbox.start(COMMAND))
                    .withMessage("no");
            assertHeard("launching true", "failed no aside");
        }
    }

    @Test
    void aRunWhoseSessionCannotBeOpenedIsToldOf(@TempDir Path outputs) throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            provider.failures.set(1);

            assertThatExceptionOfType(SandboxException.class)
                    .isThrownBy(() -> sandbox.run(COMMAND.collect("/tmp/a", outputs.resolve("a"))));
            assertHeard("launching true", "failed sessions cannot be opened now aside");
        }
    }

    @Test
    void aProgramThatCouldNotBeExecutedIsToldOfWithoutWrapping() throws InterruptedException {
        try (Sandbox sandbox =
                heard().budget(ResourceBudget.builder().sandboxes(1).build()).build(provider)) {
            sandbox.runAsync(COMMAND);
            provider.processes.getFirst().fail(new SandboxException("not found"));

            assertHeard("launching true", "started", "failed not found aside");
        }
    }

    @Test
    void aRunThatGivesUpWaitingForItsBudgetIsToldOf() throws InterruptedException {
        try (Sandbox sandbox = heard().budget(patient()).build(provider)) {
            sandbox.start(COMMAND);
            CompletableFuture<SandboxResult> second = sandbox.runAsync(COMMAND);
            assertHeard("launching true", "started", "launching true");

            second.cancel(true);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("failed ").endsWith(" aside");
        }
    }

    private static ResourceBudget patient() {
        return ResourceBudget.builder().sandboxes(1).queueTimeout(Duration.ofDays(1)).build();
    }

    @Test
    void aRunThatIsGivenUpByAValueIsToldOfAsOneThatDidNotRun() throws InterruptedException {
        try (Sandbox sandbox = heard().budget(patient()).build(provider)) {
            sandbox.start(COMMAND);
            CompletableFuture<SandboxResult> second = sandbox.runAsync(COMMAND);
            assertHeard("launching true", "started", "launching true");

            byte[] none = {};
            second.complete(
                    SandboxResult.of(
                            new Exited(0), FakeProcess.used(), none, none, List.of(), List.of()));
            assertHeard("failed the request was withdrawn aside");
        }
    }

    /// A launch that takes its time is under way when the caller gives up.
    @Test
    void aRunThatTimesOutDuringItsLaunchIsToldOfInOrder() throws Exception {
        CountDownLatch launching = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Sandbox sandbox = heard().budget(patient()).build(provider)) {
            SandboxProcess first = sandbox.start(COMMAND);
            provider.onLaunch =
                    () -> {
                        launching.countDown();
                        awaitUninterrupted(goOn);
                    };
            CompletableFuture<SandboxResult> second = sandbox.runAsync(COMMAND);
            assertHeard("launching true", "started", "launching true");
            first.cancel();
            assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("ended Cancelled");
            launching.await();

            second.completeExceptionally(new TimeoutException("too late"));
            assertThat(heard.poll(50, TimeUnit.MILLISECONDS)).isNull();
            goOn.countDown();
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("started");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("ended Cancelled");
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatHangsKeepsNoOtherFromHearing() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        RunListener.Watch hanging =
                new RunListener.Watch() {
                    @Override
                    public void ended(SandboxResult result) {
                        awaitUninterrupted(release);
                    }

                    @Override
                    public void failed(Throwable problem) {
                        awaitUninterrupted(release);
                    }
                };
        Sandbox.Builder builder =
                Sandbox.builder().listener(_ -> hanging).listener(_ -> new Notes());
        try (Sandbox sandbox = builder.build(provider)) {
            sandbox.start(COMMAND);
            provider.processes.getFirst().end(new Exited(0));
            assertHeard("started", "ended Exited[code=0] aside");

            provider.failure = new SandboxException("no");
            assertThatExceptionOfType(SandboxException.class)
                    .isThrownBy(() -> sandbox.start(COMMAND));
            assertHeard("failed no aside");
        } finally {
            release.countDown();
        }
    }

    @Test
    void commandsOfSessionsAndPoolsAreToldOf() throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            try (SandboxSession session = sandbox.open()) {
                session.start(COMMAND);
                assertHeard("launching true", "started");
                provider.sessions.getFirst().processes.getFirst().end(new Exited(1));
                assertHeard("ended Exited[code=1] aside");
            }
            try (SandboxPool pool = SandboxPool.of(sandbox).size(1).build();
                    SandboxPool.Lease lease = pool.lease()) {
                lease.start(Command.of("id"));
                assertHeard("launching id", "started");
                provider.sessions.getLast().processes.getFirst().end(new Exited(0));
                assertHeard("ended Exited[code=0] aside");
            }
        }
    }

    @Test
    void theirEnvironmentIsAddedUnlessTheCommandHasIt() {
        try (Sandbox sandbox = sandbox()) {
            sandbox.start(COMMAND);
            sandbox.start(COMMAND.environment("TRACE", "mine"));

            assertThat(provider.commands)
                    .extracting(command -> command.environment().get("TRACE"))
                    .containsExactly("7", "mine");
        }
    }

    @Test
    void aListenerThatFailsDisturbsNeitherTheRunNorOtherListeners() throws InterruptedException {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .listener(command -> {
                            throw new IllegalStateException("broken");
                        })
                        .listener(command ->
                                new RunListener.Watch() {
                                    @Override
                                    public void started(SandboxProcess process) {
                                        throw new AssertionError("broken too");
                                    }

                                    @Override
                                    public void ended(SandboxResult result) {
                                        throw new IllegalStateException("and at the end");
                                    }

                                    @Override
                                    public void failed(Throwable problem) {}
                                })
                        .listener(_ -> new Notes());
        try (Sandbox sandbox = builder.build(provider)) {
            SandboxProcess process = sandbox.start(COMMAND);
            provider.processes.getFirst().end(new Exited(0));

            assertThat(process.waitForResult().outcome()).isEqualTo(new Exited(0));
            assertHeard("started", "ended Exited[code=0] aside");
        }
    }

    @Test
    void aBuilderOfASandboxHasItsListeners() throws InterruptedException {
        try (Sandbox sandbox = sandbox();
                Sandbox copy = sandbox.toBuilder().build(provider)) {
            copy.start(COMMAND);
            assertHeard("launching true", "started");
        }
    }

    @Test
    void aSandboxThatIsShutDownLetsRunsEndAndTakesNoNewOnes() throws InterruptedException {
        try (Sandbox sandbox = sandbox()) {
            SandboxSession session = sandbox.open();
            SandboxProcess process = sandbox.start(COMMAND);
            sandbox.shutdown();

            assertThatIllegalStateException()
                    .isThrownBy(() -> sandbox.start(COMMAND))
                    .withMessageContaining("shut down");
            assertThatIllegalStateException().isThrownBy(sandbox::open);
            assertThat(process.isAlive()).isTrue();
            session.start(COMMAND);
            provider.processes.getFirst().end(new Exited(0));
            assertThat(process.waitForResult().outcome()).isEqualTo(new Exited(0));
        }
        assertThat(provider.closes).isEqualTo(1);
    }
}
