package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemVIdsTest {

    private static SystemVIds all(long id) {
        return new SystemVIds(id, id, id);
    }

    @Test
    void theNextNumberFollows() {
        assertThat(all(0).isFollowedBy(all(1))).isTrue();
        assertThat(all(5).isFollowedBy(new SystemVIds(6, 6, 6))).isTrue();
        assertThat(all(3 << 15 | 7).isFollowedBy(all(3 << 15 | 8))).isTrue();
    }

    @Test
    void behindTheLastPlaceTheFirstFollowsWithAnotherCount() {
        assertThat(all(63).isFollowedBy(all(1 << 15))).isTrue();
        assertThat(all(2 << 15 | 63).isFollowedBy(all(3 << 15))).isTrue();
        assertThat(all(63).isFollowedBy(all(64))).isFalse();
    }

    @Test
    void anyOtherOfAnyKindMeansThatSomebodyMadeOne() {
        assertThat(all(0).isFollowedBy(all(2))).isFalse();
        assertThat(all(0).isFollowedBy(all(0))).isFalse();
        assertThat(all(0).isFollowedBy(new SystemVIds(2, 1, 1))).isFalse();
        assertThat(all(0).isFollowedBy(new SystemVIds(1, 2, 1))).isFalse();
        assertThat(all(0).isFollowedBy(new SystemVIds(1, 1, 2))).isFalse();
    }

    @Test
    void aKernelWithoutThemAlwaysSaysSo() {
        assertThat(all(-38).isFollowedBy(all(-38))).isTrue();
        assertThat(all(-38).isFollowedBy(all(0))).isFalse();
        assertThat(all(3).isFollowedBy(all(-28))).isFalse();
    }
}
