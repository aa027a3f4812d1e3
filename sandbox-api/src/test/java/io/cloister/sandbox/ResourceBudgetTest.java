package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.ResourceBudget.InUse;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a budget counts, and what it refuses for good; [BudgetQueueTest] tells who waits for what.
class ResourceBudgetTest {
    private static final ResourceLimits SMALL =
            ResourceLimits.unlimited().memory(Bytes.mebibytes(64)).cpus(0.5);

    private static ResourceBudget budget() {
        return ResourceBudget.builder()
                .memory(Bytes.mebibytes(256))
                .cpus(2)
                .sandboxes(3)
                .queueTimeout(Duration.ofSeconds(2))
                .queueLength(5)
                .build();
    }

    @Test
    void tellsWhatItWasMadeWith() {
        assertThat(budget().memory()).contains(Bytes.mebibytes(256));
        assertThat(budget().cpus()).contains(2.0);
        assertThat(budget().sandboxes()).hasValue(3);
        assertThat(budget().queueTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(budget().queueLength()).isEqualTo(5);
    }

    @Test
    void capsNothingThatItWasNotToldAndLetsNobodyWait() {
        ResourceBudget memoryOnly = ResourceBudget.builder().memory(Bytes.mebibytes(1)).build();
        ResourceBudget cpusOnly = ResourceBudget.builder().cpus(1).build();

        assertThat(memoryOnly.cpus()).isEmpty();
        assertThat(memoryOnly.sandboxes()).isEmpty();
        assertThat(cpusOnly.memory()).isEmpty();
        assertThat(cpusOnly.queueTimeout()).isZero();
        assertThat(cpusOnly.queueLength()).isEqualTo(1024);
    }

    @Test
    void countsWhatIsTakenUntilItIsGivenBack() {
        ResourceBudget budget = budget();
        BudgetQueue.Lease first = budget.request(SMALL);
        BudgetQueue.Lease second = budget.request(SMALL.memory(Bytes.mebibytes(128)));

        assertThat(budget.inUse())
                .isEqualTo(new InUse(Optional.of(Bytes.mebibytes(192)), Optional.of(1.0), 2));
        first.close();
        assertThat(budget.inUse())
                .isEqualTo(new InUse(Optional.of(Bytes.mebibytes(128)), Optional.of(0.5), 1));
        second.close();
        assertThat(budget.inUse())
                .isEqualTo(new InUse(Optional.of(Bytes.of(0)), Optional.of(0.0), 0));
    }

    @Test
    void whatItDoesNotCapIsNotCounted() {
        ResourceBudget budget = ResourceBudget.builder().sandboxes(2).build();
        budget.request(SMALL.memory(Bytes.of(Long.MAX_VALUE)).cpus(10_000));
        budget.request(ResourceLimits.unlimited().memory(Bytes.of(Long.MAX_VALUE)));

        assertThat(budget.inUse()).isEqualTo(new InUse(Optional.empty(), Optional.empty(), 2));
    }

    @Test
    void fractionsOfProcessorsAddUpExactly() {
        ResourceBudget budget = ResourceBudget.builder().cpus(1).build();
        List<BudgetQueue.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            leases.add(budget.request(SMALL.cpus(0.1)));
        }
        assertThat(budget.inUse().cpus()).contains(1.0);

        leases.forEach(BudgetQueue.Lease::close);
        assertThat(budget.inUse().cpus()).contains(0.0);
    }

    @Test
    void aRunWithoutALimitOnProcessorsCountsAsOne() {
        ResourceBudget budget = ResourceBudget.builder().cpus(2).build();
        budget.request(ResourceLimits.unlimited());

        assertThat(budget.inUse().cpus()).contains(1.0);
    }

    @Test
    void allOfItMayBeTakenByOne() {
        ResourceBudget budget = budget();
        budget.request(ResourceLimits.unlimited().memory(Bytes.mebibytes(256)).cpus(2));

        assertThat(budget.inUse().memory()).isEqualTo(budget.memory());
    }

    @Test
    void moreMemoryThanThereIsInAllIsRefusedForGood() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budget().request(SMALL.memory(Bytes.gibibytes(1))))
                .withMessage("memory must be <= 256 MiB, the budget of all runs, was 1 GiB");
    }

    @Test
    void moreProcessorsThanThereAreInAllAreRefusedForGood() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budget().request(SMALL.cpus(2.5)))
                .withMessage("cpus must be <= 2.0, the budget of all runs, was 2.5");
    }

    @Test
    void theProcessorOfARunWithoutALimitMayBeTooMuch() {
        ResourceBudget budget = ResourceBudget.builder().cpus(0.5).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> budget.request(ResourceLimits.unlimited()))
                .withMessage(
                        "cpus, where not limited, must be <= 0.5, the budget of all runs, was 1.0");
    }

    @Test
    void unlimitedMemoryIsRefusedForGood() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budget().request(ResourceLimits.unlimited()))
                .withMessage(
                        "memory must be limited, since the budget caps it at 256 MiB, was"
                                + " unlimited; set memoryLimit(Bytes)");
    }

    @Test
    void whatIsRefusedForGoodTakesNothing() {
        ResourceBudget budget = budget();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budget.request(SMALL.memory(Bytes.gibibytes(1))));

        assertThat(budget.inUse().sandboxes()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void textTellsCapsAndUse() {
        ResourceBudget budget = budget();
        budget.request(SMALL);

        assertThat(budget)
                .hasToString(
                        "ResourceBudget[memory=64 MiB of 256 MiB, cpus=0.5 of 2.0,"
                                + " sandboxes=1 of 3, waiting=0]");
        assertThat(ResourceBudget.builder().cpus(2).build())
                .hasToString("ResourceBudget[cpus=0.0 of 2.0, sandboxes=0, waiting=0]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.009, 10_001, Double.NaN, Double.POSITIVE_INFINITY})
    void processorsAreWithinTheirRange(double count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResourceBudget.builder().cpus(count))
                .withMessage("cpus of a budget must be 0.01 to 10000, was " + count);
    }

    @Test
    void capsArePositive() {
        ResourceBudget.Builder builder = ResourceBudget.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.memory(Bytes.of(0)))
                .withMessage("memory of a budget must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.sandboxes(0))
                .withMessage("sandboxes of a budget must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.queueLength(0))
                .withMessage("queueLength must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.queueTimeout(Duration.ofMillis(-1)))
                .withMessage("queueTimeout must be >= 0, was -1ms");
    }

    @Test
    void aBudgetThatCapsNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResourceBudget.builder().build())
                .withMessage("a budget must cap memory, cpus or sandboxes, was without any cap");
    }
}
