package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;

/// A run within a budget is a process like another, and what it holds follows its limits.
@Timeout(60)
class BudgetedProcessTest {
    private static final Command COMMAND = Command.of("true");

    private final FakeProvider provider = new FakeProvider("fake", true);

    private Sandbox sandbox(ResourceBudget budget) {
        return Sandbox.builder().budget(budget).build(provider);
    }

    @Test
    void changedLimitsChangeWhatIsTaken() {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.gibibytes(4)).build();
        SandboxProcess process = sandbox(budget).start(COMMAND);
        process.changeLimits(limits -> limits.memory(Bytes.gibibytes(3)));
        assertThat(budget.inUse().memory()).contains(Bytes.gibibytes(3));
        process.changeLimits(limits -> limits.memory(Bytes.mebibytes(5)));
        assertThat(budget.inUse().memory()).contains(Bytes.mebibytes(5));

        process.cancel();
        process.changeLimits(limits -> limits.memory(Bytes.mebibytes(6)));
        assertThat(budget.inUse().sandboxes()).isZero();
    }

    @Test
    void aLimitIsNotRaisedAboveWhatIsFree() {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.gibibytes(4)).build();
        Sandbox sandbox = sandbox(budget);
        SandboxProcess process = sandbox.start(COMMAND);
        sandbox.start(COMMAND);

        assertThatExceptionOfType(BudgetExceededException.class)
                .isThrownBy(() -> process.changeLimits(limits -> limits.memory(Bytes.gibibytes(4))))
                .withMessage(
                        "the budget has no room: memory: asked for 3 GiB, free 2 GiB"
                                + " (changed limits do not wait)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process.changeLimits(ResourceLimits::unlimitedMemory));
        assertThat(provider.processes.getFirst().limits).isEqualTo(ResourceLimits.standard());
        assertThat(budget.inUse().memory()).contains(Bytes.gibibytes(2));
    }

    @Test
    void aChangeThatFailsChangesNothing() {
        ResourceBudget budget = ResourceBudget.builder().memory(Bytes.gibibytes(4)).build();
        SandboxProcess process = sandbox(budget).start(COMMAND);

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        process.changeLimits(_ -> {
                            throw new IllegalStateException("not now");
                        }));
        assertThat(budget.inUse().memory()).contains(Bytes.gibibytes(1));
    }

    @Test
    void aRunWithABudgetIsAProcessLikeAnother() throws Exception {
        SandboxProcess process =
                sandbox(ResourceBudget.builder().sandboxes(1).build()).start(COMMAND);
        FakeProcess fake = provider.processes.getFirst();

        assertThat(process.pid()).isEqualTo(fake.pid());
        assertThat(process.usage()).isEqualTo(fake.usage());
        assertThat(process.isAlive()).isTrue();
        process.signal(Signal.USR1, SignalScope.TREE);
        assertThat(fake.signals).containsExactly(Signal.USR1);
        assertThat(fake.scopes).containsExactly(SignalScope.TREE);
    }

    @Test
    void aRunWithABudgetIsAskedToEndLikeAnother() throws Exception {
        SandboxProcess process =
                sandbox(ResourceBudget.builder().sandboxes(1).build()).start(COMMAND);
        FakeProcess fake = provider.processes.getFirst();
        assertThat(process.terminate(Duration.ofSeconds(1)).get().outcome())
                .isEqualTo(new Outcome.Signalled(Signal.TERM));
        assertThat(fake.signals).containsExactly(Signal.TERM);
    }

    @Test
    void theEndOfARunWithABudgetIsThatOfAProcess() throws Exception {
        SandboxProcess process =
                sandbox(ResourceBudget.builder().sandboxes(1).build()).start(COMMAND);
        FakeProcess fake = provider.processes.getFirst();
        process.destroy();
        assertThat(fake.signals).containsExactly(Signal.TERM);
        assertThat(fake.scopes).containsExactly(SignalScope.PROCESS);
        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(process.waitForResult().outcome()).isEqualTo(new Outcome.Signalled(Signal.TERM));
        assertThat(process.destroyForcibly()).isSameAs(process);
    }
}
