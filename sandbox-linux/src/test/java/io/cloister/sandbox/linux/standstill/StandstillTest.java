package io.cloister.sandbox.linux.standstill;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.standstill.Standstill.Pipes;
import io.cloister.sandbox.linux.standstill.Standstill.Verdict;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which evidence proves that nobody can go on, and which single observation stands against it.
class StandstillTest {

    private static final Pipes PIPES = new Pipes(Map.of(1L, "a -> b", 2L, "b -> a"), Set.of(9L));
    private static final Wait READS_B = read("pipe:[2]");
    private static final Wait READS_A = read("pipe:[1]");
    private static final ThreadLook A = thread(0, 100, READS_B);
    private static final ThreadLook B = thread(1, 200, READS_A);

    private static Wait read(String file) {
        return new Wait.ForFiles("read", List.of(new Wait.Spot(0, file)));
    }

    private static ThreadLook thread(int stage, int pid, Wait wait) {
        return new ThreadLook(stage, pid, pid, "sh", true, 7, false, wait);
    }

    private static Verdict judge(List<ThreadLook> before, List<ThreadLook> after, boolean quiet) {
        return Standstill.judge(List.of("a", "b"), Set.of(0, 1), before, after, quiet, PIPES);
    }

    private static void assertStuck(ThreadLook... threads) {
        assertThat(judge(List.of(threads), List.of(threads), true))
                .isInstanceOf(Verdict.Stuck.class);
    }

    private static void assertOpen(String why, ThreadLook... threads) {
        assertThat(judge(List.of(threads), List.of(threads), true))
                .isEqualTo(new Verdict.Open(why));
    }

    @Test
    void twoThatReadFromEachOtherAreStuck() {
        assertStuck(A, B);
        assertThat(((Verdict.Stuck) judge(List.of(A, B), List.of(A, B), true)).evidence())
                .extracting(Object::toString)
                .containsExactly(
                        "/proc/100/task/100/syscall: stage a, sh (100) sleeps in read() on"
                                + " descriptor 0 (edge b -> a)",
                        "/proc/200/task/200/syscall: stage b, sh (200) sleeps in read() on"
                                + " descriptor 0 (edge a -> b)");
    }

    @Test
    void bytesOnTheirWayStandAgainstIt() {
        assertThat(judge(List.of(A, B), List.of(A, B), false))
                .isEqualTo(new Verdict.Open("the host has bytes to pass on"));
    }

    @Test
    void aThreadThatRanBetweenTheLooksStandsAgainstIt() {
        ThreadLook ran = new ThreadLook(1, 200, 200, "sh", true, 8, false, READS_A);
        assertThat(judge(List.of(A, B), List.of(A, ran), true))
                .isEqualTo(new Verdict.Open("a thread has run"));
    }

    @Test
    void aThreadThatCameOrWentStandsAgainstIt() {
        ThreadLook more = thread(1, 201, new Wait.ForOthers("futex"));
        assertThat(judge(List.of(A, B), List.of(A, B, more), true))
                .isInstanceOf(Verdict.Open.class);
        assertThat(judge(List.of(A, B, more), List.of(A, B), true))
                .isInstanceOf(Verdict.Open.class);
        assertStuck(A, B, more);
    }

    @Test
    void aThreadThatRunsStandsAgainstIt() {
        assertOpen(
                "stage b, sh (200) does not sleep",
                A,
                new ThreadLook(1, 200, 200, "sh", false, 7, false, READS_A));
    }

    @Test
    void aTimerStandsAgainstIt() {
        assertOpen(
                "stage b, sh (200) may be woken by a timer",
                A,
                new ThreadLook(1, 200, 200, "sh", true, 7, true, READS_A));
    }

    @Test
    void aWaitForATimeOrAnythingElseStandsAgainstIt() {
        assertOpen(
                "stage b, sh (200) is in nanosleep()",
                A,
                thread(1, 200, new Wait.Unknown("is in nanosleep()")));
        assertOpen(
                "stage b, sh (200) waits in read() for descriptor 0 (socket:[4])",
                A,
                thread(1, 200, read("socket:[4]")));
    }

    @Test
    void aPipeToTheHostStandsAgainstItAndOneMadeInsideDoesNot() {
        assertOpen(
                "stage b, sh (201) waits in read() for descriptor 0 (pipe:[9])",
                A,
                B,
                thread(1, 201, read("pipe:[9]")));
        assertStuck(A, B, thread(1, 201, read("pipe:[8]")));
    }

    @Test
    void oneOfSeveralFilesIsEnoughToGoOn() {
        Wait both =
                new Wait.ForFiles(
                        "poll",
                        List.of(new Wait.Spot(0, "pipe:[1]"), new Wait.Spot(3, "socket:[4]")));
        assertOpen(
                "stage b, sh (200) waits in poll() for descriptor 3 (socket:[4])",
                A,
                thread(1, 200, both));
    }

    @Test
    void eachStageThatRunsHasToWaitForAnEdge() {
        assertOpen("stage b waits for no edge", A, thread(1, 200, new Wait.ForOthers("pause")));
        assertOpen("stage b waits for no edge", A);
        assertThat(
                        Standstill.judge(
                                List.of("a", "b"), Set.of(0), List.of(A), List.of(A), true, PIPES))
                .isInstanceOf(Verdict.Stuck.class);
    }

    @Test
    void withoutAStageNothingIsStuck() {
        assertThat(Standstill.judge(List.of("a"), Set.of(), List.of(), List.of(), true, PIPES))
                .isEqualTo(new Verdict.Open("no stage runs"));
    }

    @Test
    void whatAProgramCallsItselfIsShownHarmlessly() {
        ThreadLook rude =
                new ThreadLook(1, 200, 200, "\u001b[2J", true, 7, false, new Wait.Unknown("runs"));
        assertOpen("stage b, \\u001b[2J (200) runs", A, rude);
    }
}
