package io.cloister.sandbox.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.limit.LimitKind;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The kernel's rule, which the test keeps: memory and swap together are never below memory.
class MemoryVersion1Test {
    private static final String MEMORY = MemoryVersion1.MEMORY;
    private static final String BOTH = MemoryVersion1.MEMORY_AND_SWAP;

    private final Map<String, Long> kernel =
            new HashMap<>(Map.of(MEMORY, Long.MAX_VALUE, BOTH, Long.MAX_VALUE));
    private final List<String> writes = new ArrayList<>();
    private boolean countsSwap = true;
    private boolean noSwapSpace;
    private int busy;
    private final MemoryVersion1 limits = new MemoryVersion1(this::write, () -> noSwapSpace);

    private int write(String file, String text) {
        writes.add(file + "=" + text);
        if (file.equals("memory.force_empty")) {
            return 0;
        }
        if (file.equals(BOTH) && !countsSwap) {
            return -2;
        }
        if (busy > 0) {
            busy--;
            return -16;
        }
        long value = text.equals("-1") ? Long.MAX_VALUE : Long.parseLong(text);
        Map<String, Long> after = new HashMap<>(kernel);
        after.put(file, value);
        if (after.get(BOTH) < after.get(MEMORY)) {
            return -22;
        }
        kernel.put(file, value);
        return 0;
    }

    private List<Unmet> apply(Long memory, Long swap) {
        return limits.apply(Limits.memory(memory, swap));
    }

    @Test
    void anyLimitsCanFollowAnyOthers() {
        List<Long> values = new ArrayList<>(List.of(100L, 200L, 300L));
        values.add(null);
        for (Long memory : values) {
            for (Long nextMemory : values) {
                for (Long swap : List.of(0L, 50L, 500L)) {
                    assertThat(apply(memory, memory == null ? null : swap)).isEmpty();
                    assertThat(apply(nextMemory, nextMemory == null ? null : 0L)).isEmpty();
                    long expected = nextMemory == null ? Long.MAX_VALUE : nextMemory;
                    assertThat(kernel).containsEntry(MEMORY, expected);
                    assertThat(kernel).containsEntry(BOTH, expected);
                }
            }
        }
    }

    @Test
    void theSameLimitsAreNotWrittenAgain() {
        apply(100L, 0L);
        writes.clear();
        apply(100L, 0L);

        assertThat(writes).isEmpty();
    }

    @Test
    void aBusyGroupIsEmptiedAndTriedAgain() {
        busy = 1;

        assertThat(apply(100L, 0L)).isEmpty();
        assertThat(writes)
                .containsExactly(
                        MEMORY + "=100", "memory.force_empty=0", MEMORY + "=100", BOTH + "=100");
    }

    @Test
    void aGroupThatStaysBusyIsTold() {
        busy = 1000;

        assertThat(apply(100L, null))
                .containsExactly(new Unmet(LimitKind.MEMORY, MEMORY, "100", 16));
    }

    @Test
    void swapThatIsNotCountedIsTold() {
        countsSwap = false;

        assertThat(apply(100L, 0L)).containsExactly(new Unmet(LimitKind.SWAP, BOTH, "100", 2));
        assertThat(kernel).containsEntry(MEMORY, 100L);
    }

    @Test
    void swapThatIsNotCountedAndNotThereHoldsAnyway() {
        countsSwap = false;
        noSwapSpace = true;

        assertThat(apply(100L, 0L)).isEmpty();
    }

    @Test
    void swapAloneCanNotBeLimited() {
        assertThat(apply(null, 0L)).containsExactly(new Unmet(LimitKind.SWAP, BOTH, "-1", 22));
    }
}
