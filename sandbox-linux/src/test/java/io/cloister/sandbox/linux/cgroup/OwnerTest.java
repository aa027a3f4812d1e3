package io.cloister.sandbox.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerTest {
    private static final Owner OWNER = new Owner("0123abcd", "4026531836", 42, 777);

    private static String stat(String state, int threads, long start) {
        return "42 (odd) name) %s 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 %d 0 %d 99 1"
                .formatted(state, threads, start);
    }

    private static FakeGroups host(String stat) {
        return new FakeGroups(0).file("/proc/42/stat", stat);
    }

    @Test
    void theNameSaysAllAndIsReadBack() {
        assertThat(OWNER.name()).isEqualTo("cloister-0123abcd-4026531836-42-777");
        assertThat(Owner.of(OWNER.name())).hasValue(OWNER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cloister.jvm",
                "cloister-0123abcd-1-42",
                "cloister-0123ABCD-1-42-7",
                "x-cloister-0123abcd-1-42-7",
                "cloister-0123abcd-1-42-7-1",
                "cloister-0123abcd-1-42-7.x"
            })
    void otherNamesAreNotOurs(String name) {
        assertThat(Owner.of(name)).isEmpty();
    }

    @Test
    void itLivesAsLongAsThePidIsTheSameProcess() {
        assertThat(OWNER.isAlive(host(stat("S", 30, 777)))).isTrue();
        assertThat(OWNER.isAlive(host(stat("S", 30, 778)))).isFalse();
        assertThat(OWNER.isAlive(new FakeGroups(0))).isFalse();
    }

    @Test
    void oneOfWhichNothingCanBeReadLives() {
        FakeGroups unreadable = new FakeGroups(0);
        unreadable.file("/proc/42/comm", "");
        assertThat(OWNER.isAlive(unreadable)).isTrue();
    }

    @Test
    void aJvmMayHaveSeveralSubtrees() {
        assertThat(OWNER.names().limit(3))
                .containsExactly(OWNER.name(), OWNER.name() + ".2", OWNER.name() + ".3");
        assertThat(OWNER.names().limit(3).map(Owner::of)).allMatch(o -> o.get().equals(OWNER));
    }

    @Test
    void aProcessThatWasNotWaitedForIsDeadButOneWhoseFirstThreadEndedIsNot() {
        assertThat(OWNER.isAlive(host(stat("Z", 1, 777)))).isFalse();
        assertThat(OWNER.isAlive(host(stat("Z", 30, 777)))).isTrue();
    }

    @Test
    void onlyANeighboursPidsMeanSomething() {
        assertThat(OWNER.isNeighbour(new Owner("0123abcd", "4026531836", 1, 1))).isTrue();
        assertThat(OWNER.isNeighbour(new Owner("0123abcd", "4026531999", 1, 1))).isFalse();
        assertThat(OWNER.isNeighbour(new Owner("ffffffff", "4026531836", 1, 1))).isFalse();
    }
}
