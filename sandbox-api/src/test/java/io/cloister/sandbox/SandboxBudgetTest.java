package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// Runs take from the budget of their sandbox and give back, in whatever way they end.
@Timeout(60)
class SandboxBudgetTest {
    private static final Command COMMAND = Command.of("true");

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final ResourceBudget impatient = ResourceBudget.builder().sandboxes(1).build();
    private final ResourceBudget patient =
            ResourceBudget.builder().sandboxes(1).queueTimeout(Duration.ofDays(1)).build();

    private Sandbox sandbox(ResourceBudget budget) {
        return Sandbox.builder().budget(budget).build(provider);
    }

    private FakeProcess process(int index) throws InterruptedException {
        while (provider.processes.size() <= index) {
            Thread.sleep(1);
        }
        return provider.processes.get(index);
    }

    private static void awaitWaiting(ResourceBudget budget, int count) throws InterruptedException {
        while (budget.waiting() != count) {
            Thread.sleep(1);
        }
    }

    private static void assertUnused(ResourceBudget budget) {
        assertThat(budget.inUse().sandboxes()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    /// [Sandbox#run(Command)] on a thread of its own.
    private record Run(FutureTask<SandboxResult> task, Thread thread) {
        static Run of(Sandbox sandbox) {
            FutureTask<SandboxResult> task = new FutureTask<>(() -> sandbox.run(COMMAND));
            return new Run(task, Thread.ofVirtual().start(task));
        }

        Throwable failure() throws InterruptedException {
            try {
                throw new AssertionError("it ended with " + task.get());
            } catch (ExecutionException e) {
                return e.getCause();
            }
        }
    }

    @Test
    void aRunTakesItsLimitsAndGivesThemBack() throws Exception {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.gibibytes(2)).cpus(4).build();
        Sandbox sandbox =
                Sandbox.builder()
                        .memoryLimit(Bytes.mebibytes(100))
                        .cpus(1.5)
                        .budget(budget)
                        .build(provider);

        sandbox.start(COMMAND);
        assertThat(budget.inUse().memory()).contains(Bytes.mebibytes(100));
        assertThat(budget.inUse().cpus()).contains(1.5);
        process(0).end(new Exited(0));
        assertThat(budget.inUse().memory()).contains(Bytes.of(0));
        assertThat(budget.inUse().cpus()).contains(0.0);
    }

    @Test
    void theDefaultMemoryLimitCountsThoughItIsBestEffort() {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.gibibytes(2)).build();
        sandbox(budget).start(COMMAND);

        assertThat(budget.inUse().memory()).isEqualTo(ResourceLimits.standard().memory());
    }

    @Test
    void sandboxesShareABudget() {
        sandbox(impatient).start(COMMAND);

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> sandbox(impatient).start(COMMAND))
                .withMessage(
                        "the budget has no room: sandboxes: asked for 1, free 0"
                                + " (queueTimeout is 0s)");
        assertThat(provider.processes).hasSize(1);
    }

    @Test
    void whatCouldNeverRunIsRefusedWhenTheSandboxIsBuilt() {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.mebibytes(256)).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Sandbox.builder()
                                .memoryLimit(Bytes.gibibytes(2))
                                .budget(budget)
                                .build(provider))
                .withMessage("memory must be <= 256 MiB, the budget of all runs, was 2 GiB");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Sandbox.builder().unlimitedMemory().budget(budget).build(provider))
                .withMessageStartingWith("memory must be limited");
        assertUnused(budget);
    }

    @Test
    void whoeverKnowsThatARunIsOverMayStartTheNext() throws Exception {
        Sandbox sandbox = sandbox(impatient);
        for (int i = 0; i < 200; i++) {
            Run run = Run.of(sandbox);
            process(i).end(new Exited(0));
            run.task().get();
        }
        for (int i = 200; i < 400; i++) {
            SandboxProcess process = sandbox.start(COMMAND);
            CompletableFuture<SandboxResult> result = process.onResult();
            process(i).end(new Exited(0));
            result.join();
        }
        for (int i = 400; i < 600; i++) {
            CompletableFuture<SandboxResult> result = sandbox.runAsync(COMMAND);
            process(i).end(new Exited(0));
            result.join();
        }
        assertUnused(impatient);
    }

    @Test
    void aLaunchThatFailsGivesBack() {
        Sandbox sandbox = sandbox(impatient);
        SandboxException failure = new SandboxException("EPERM");

        provider.failure = failure;
        assertThatExceptionOfType(SandboxException.class)
                .isThrownBy(() -> sandbox.run(COMMAND))
                .isSameAs(failure);
        assertUnused(impatient);
        provider.failure = failure;
        assertThatExceptionOfType(SandboxException.class)
                .isThrownBy(() -> sandbox.start(COMMAND))
                .isSameAs(failure);
        assertUnused(impatient);
        provider.failure = failure;
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> sandbox.runAsync(COMMAND).join())
                .withCause(failure);
        assertUnused(impatient);
    }

    @Test
    void aRunThatCannotBeWatchedGivesBack() throws Exception {
        SandboxException failure = new SandboxException("the watcher died");
        Run run = Run.of(sandbox(impatient));
        process(0).fail(failure);

        assertThat(run.failure()).isSameAs(failure);
        assertUnused(impatient);
    }

    @Test
    void anInterruptedRunGivesBack() throws Exception {
        Run run = Run.of(sandbox(impatient));
        process(0);
        run.thread().interrupt();

        assertThat(run.failure()).isInstanceOf(InterruptedException.class);
        assertThat(process(0).isAlive()).isFalse();
        assertUnused(impatient);
    }

    @Test
    void aCancelledProcessGivesBackOnce() {
        SandboxProcess process = sandbox(impatient).start(COMMAND);
        process.cancel();
        process.cancel();

        assertUnused(impatient);
        sandbox(impatient).start(COMMAND);
        process.cancel();
        assertThat(impatient.inUse().sandboxes()).isOne();
    }

    @Test
    void aCancelledFutureGivesBack() {
        CompletableFuture<SandboxResult> future = sandbox(impatient).runAsync(COMMAND);
        future.cancel(true);

        assertUnused(impatient);
    }

    @Test
    void closingTheSandboxGivesBack() {
        Sandbox sandbox = sandbox(impatient);
        SandboxProcess process = sandbox.start(COMMAND);
        sandbox.close();

        assertThat(process.onResult().join().outcome()).isInstanceOf(Cancelled.class);
        assertUnused(impatient);
    }

    @Test
    void runWaitsItsTurn() throws Exception {
        sandbox(patient).start(COMMAND);
        Run run = Run.of(sandbox(patient));
        awaitWaiting(patient, 1);
        assertThat(provider.processes).hasSize(1);

        process(0).end(new Exited(1));
        process(1).end(new Exited(2));
        assertThat(run.task().get().outcome()).isEqualTo(new Exited(2));
        assertUnused(patient);
    }

    @Test
    void whoWaitedTooLongIsRefused() {
        ResourceBudget hasty =
                ResourceBudget.builder().sandboxes(1).queueTimeout(Duration.ofMillis(10)).build();
        sandbox(hasty).start(COMMAND);

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> sandbox(hasty).run(COMMAND))
                .withMessageEndingWith("(waited 10ms)");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> sandbox(hasty).runAsync(COMMAND).join())
                .withCauseInstanceOf(BudgetExceededException.class);
        assertThat(provider.processes).hasSize(1);
        assertThat(hasty.waiting()).isZero();
    }

    @Test
    void anInterruptEndsTheWaitOfRun() throws Exception {
        sandbox(patient).start(COMMAND);
        Run run = Run.of(sandbox(patient));
        awaitWaiting(patient, 1);
        run.thread().interrupt();

        assertThat(run.failure()).isInstanceOf(InterruptedException.class);
        assertThat(patient.waiting()).isZero();
        assertThat(provider.processes).hasSize(1);
    }

    @Test
    void anInterruptEndsTheWaitOfStart() {
        sandbox(patient).start(COMMAND);
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> sandbox(patient).start(COMMAND))
                .withMessage("the thread was interrupted while it waited for room in the budget")
                .withCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(patient.waiting()).isZero();
    }

    @Test
    void runAsyncLetsAnotherThreadWait() throws Exception {
        Sandbox sandbox = sandbox(patient);
        sandbox.start(Command.of("first"));
        CompletableFuture<SandboxResult> second = sandbox.runAsync(Command.of("second"));
        CompletableFuture<SandboxResult> third = sandbox.runAsync(Command.of("third"));
        assertThat(patient.waiting()).isEqualTo(2);
        assertThat(second).isNotDone();

        process(0).end(new Exited(1));
        process(1).end(new Exited(2));
        assertThat(second.get().outcome()).isEqualTo(new Exited(2));
        process(2).end(new Exited(3));
        assertThat(third.get().outcome()).isEqualTo(new Exited(3));
        assertThat(provider.commands)
                .extracting(Command::program)
                .containsExactly("first", "second", "third");
        assertUnused(patient);
    }

    @Test
    void aLaunchThatFailsAfterTheWaitCompletesTheFuture() throws Exception {
        sandbox(patient).start(COMMAND);
        CompletableFuture<SandboxResult> future = sandbox(patient).runAsync(COMMAND);
        SandboxException failure = new SandboxException("EPERM");
        provider.failure = failure;
        process(0).end(new Exited(0));

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(future::join)
                .withCause(failure);
        assertUnused(patient);
    }

    @Test
    void aFutureThatIsCancelledWhileItWaitsStartsNothing() throws Exception {
        sandbox(patient).start(COMMAND);
        CompletableFuture<SandboxResult> future = sandbox(patient).runAsync(COMMAND);

        assertThat(future.cancel(true)).isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::join);
        assertThat(patient.waiting()).isZero();
        process(0).end(new Exited(0));
        assertUnused(patient);
        assertThat(provider.processes).hasSize(1);
    }

    @Test
    void aFutureThatTimesOutWhileItWaitsStartsNothing() throws Exception {
        sandbox(patient).start(COMMAND);
        CompletableFuture<SandboxResult> future =
                sandbox(patient).runAsync(COMMAND).orTimeout(1, TimeUnit.MILLISECONDS);

        awaitWaiting(patient, 0);
        assertThat(future).isCompletedExceptionally();
        assertThat(provider.processes).hasSize(1);
    }

    @Test
    void closingASandboxWakesItsRunsThatWait() throws Exception {
        sandbox(patient).start(COMMAND);
        Sandbox sandbox = sandbox(patient);
        Run run = Run.of(sandbox);
        CompletableFuture<SandboxResult> future = sandbox.runAsync(COMMAND);
        awaitWaiting(patient, 2);

        sandbox.close();
        assertThat(run.failure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the sandbox is closed");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(future::join)
                .withCauseInstanceOf(IllegalStateException.class);
        assertThat(patient.waiting()).isZero();
        assertThat(provider.processes).hasSize(1);
    }

    @Test
    void aClosedSandboxDoesNotAskTheBudget() {
        Sandbox sandbox = sandbox(impatient);
        sandbox.close();

        assertThatIllegalStateException().isThrownBy(() -> sandbox.run(COMMAND));
        assertUnused(impatient);
    }

    @Test
    void toBuilderKeepsTheBudget() {
        sandbox(impatient).toBuilder().umask(077).build(provider).start(COMMAND);

        assertThat(impatient.inUse().sandboxes()).isOne();
    }

    @Test
    void thePolicyDoesNotKnowTheBudget() {
        assertThat(sandbox(impatient).spec()).isEqualTo(SandboxSpec.strict());
    }
}
