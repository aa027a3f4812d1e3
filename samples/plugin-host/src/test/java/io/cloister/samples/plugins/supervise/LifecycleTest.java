package io.cloister.samples.plugins.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.plugins.supervise.Lifecycle.GivenUp;
import io.cloister.samples.plugins.supervise.Lifecycle.Happening;
import io.cloister.samples.plugins.supervise.Lifecycle.Running;
import io.cloister.samples.plugins.supervise.Lifecycle.Starting;
import io.cloister.samples.plugins.supervise.Lifecycle.State;
import io.cloister.samples.plugins.supervise.Lifecycle.Stopped;
import io.cloister.samples.plugins.supervise.Lifecycle.Waiting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class LifecycleTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final RestartPolicy POLICY =
            new RestartPolicy(
                    Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMinutes(1), 6);

    @Test
    void whoIsReadyRuns() {
        assertThat(next(new Starting(2), new Happening.Ready(NOON)))
                .isEqualTo(new Running(2, NOON));
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 200", "2, 400", "3, 800", "4, 1000"})
    void theTimeToARestartDoublesUpToTheLongest(int failures, long millis) {
        State expected = new Waiting(failures + 1, NOON.plusMillis(millis), "crash");

        assertThat(next(new Running(failures, NOON), ended(NOON))).isEqualTo(expected);
        assertThat(next(new Starting(failures), ended(NOON))).isEqualTo(expected);
    }

    @Test
    void afterTheLastAttemptItIsGivenUp() {
        assertThat(next(new Running(5, NOON), ended(NOON))).isEqualTo(new GivenUp(6, "crash"));
    }

    @Test
    void whoRanLongEnoughBeginsAnew() {
        Instant later = NOON.plus(POLICY.healthy());

        assertThat(next(new Running(5, NOON), ended(later)))
                .isEqualTo(new Waiting(1, later.plusMillis(100), "crash"));
        assertThat(next(new Running(5, NOON), ended(later.minusMillis(1))))
                .isEqualTo(new GivenUp(6, "crash"));
    }

    @Test
    void whoWaitsIsStartedWhenItsTimeHasCome() {
        State waiting = new Waiting(3, NOON, "crash");

        assertThat(next(waiting, new Happening.Tick(NOON.minusNanos(1)))).isEqualTo(waiting);
        assertThat(next(waiting, new Happening.Tick(NOON))).isEqualTo(new Starting(3));
    }

    @Test
    void whoIsStoppedOrGivenUpStaysSo() {
        for (State last : List.of(new Stopped(), new GivenUp(6, "crash"))) {
            assertThat(next(last, ended(NOON))).isEqualTo(last);
            assertThat(next(last, new Happening.Ready(NOON))).isEqualTo(last);
            assertThat(next(last, new Happening.Tick(NOON))).isEqualTo(last);
        }
    }

    @Test
    void everyStateCanBeStopped() {
        for (State state :
                List.of(
                        new Starting(0),
                        new Running(0, NOON),
                        new Waiting(1, NOON, "crash"),
                        new GivenUp(6, "crash"),
                        new Stopped())) {
            assertThat(next(state, new Happening.Stop())).isEqualTo(new Stopped());
        }
    }

    @Test
    void manyFailuresDoNotOverflow() {
        RestartPolicy endless =
                new RestartPolicy(
                        Duration.ofMillis(1), Duration.ofDays(1), Duration.ZERO, Integer.MAX_VALUE);
        assertThat(endless.delay(1_000_000)).isEqualTo(Duration.ofDays(1));
    }

    private static Happening ended(Instant at) {
        return new Happening.Ended(at, "crash");
    }

    private static State next(State state, Happening happening) {
        return Lifecycle.next(state, happening, POLICY);
    }
}
