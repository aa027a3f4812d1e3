package io.cloister.samples.judge.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Signal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

class EndingsTest {
    private static final Bytes OF_PROBLEM = Bytes.mebibytes(128);
    private static final Outcome HEAP_FULL = new Outcome.Exited(3);
    private static final Allowance ALLOWED =
            new Allowance(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Bytes.mebibytes(320),
                    OF_PROBLEM,
                    Bytes.mebibytes(4),
                    Bytes.mebibytes(32),
                    16,
                    Optional.of(HEAP_FULL));

    private static Finding judge(Outcome outcome, long millis, Bytes memory) {
        return Endings.judge(
                new Ending(
                        outcome,
                        Duration.ofMillis(millis),
                        Duration.ofMillis(2 * millis),
                        memory,
                        "memory.events: oom_kill 1",
                        "Exception"),
                ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "CPU_TIME, TLE, 1.00 s of processor time",
        "WALL_TIME, TLE, 10.00 s",
        "IDLE, TLE, waited",
        "MEMORY, MLE, 320 MiB",
        "DISK, MLE, 32 MiB",
        "OUTPUT, OLE, 4 MiB",
        "PIDS, RE, 16 processes",
    })
    void aLimitThatWasReachedIsTheVerdictAndItsEvidenceTheCause(
            Limit limit, Verdict expected, String cause) {
        Finding finding = judge(new Outcome.LimitReached(limit), 10, Bytes.of(1));
        assertThat(finding.verdict()).isEqualTo(expected);
        assertThat(finding.cause()).contains(cause).contains("memory.events: oom_kill 1");
    }

    @Test
    void aForbiddenCallIsASecurityViolationThatNamesIt() {
        assertThat(judge(new Outcome.PolicyViolated("ptrace"), 1, Bytes.of(1)))
                .isEqualTo(new Finding(Verdict.SV, "forbidden system call: ptrace"));
    }

    @Test
    void anEndWithZeroIsForTheCheckerToJudge() {
        assertThat(judge(new Outcome.Exited(0), 1000, Bytes.of(1))).isEqualTo(Finding.ACCEPTED);
    }

    @Test
    void whoEndsByItselfJustAfterTheLimitIsTooLate() {
        assertThat(judge(new Outcome.Exited(0), 1001, Bytes.of(1)).verdict())
                .isEqualTo(Verdict.TLE);
        assertThat(judge(new Outcome.Exited(1), 1001, Bytes.of(1)).verdict())
                .isEqualTo(Verdict.TLE);
    }

    @Test
    void anExitCodeThatLooksLikeASignalIsAnExitCode() {
        assertThat(judge(new Outcome.Exited(139), 1, Bytes.of(1)).cause())
                .startsWith("exit code 139");
        assertThat(judge(new Outcome.Signalled(Signal.SEGV), 1, Bytes.of(1)).cause())
                .startsWith("died of SIGSEGV");
    }

    @Test
    void aFullHeapIsTheMemoryLimitIfTheRuntimeSaysSoAndTheKernelCountedIt() {
        assertThat(judge(HEAP_FULL, 1, OF_PROBLEM).verdict()).isEqualTo(Verdict.MLE);
    }

    @Test
    void neitherTheWordOfTheRuntimeNorTheCountAloneIsTheMemoryLimit() {
        Bytes less = Bytes.of(OF_PROBLEM.value() - 1);
        assertThat(judge(HEAP_FULL, 1, less).verdict()).isEqualTo(Verdict.RE);
        assertThat(judge(new Outcome.Exited(1), 1, OF_PROBLEM).verdict()).isEqualTo(Verdict.RE);
    }

    @Test
    void aRunThatWasCancelledIsTheFaultOfTheHost() {
        Outcome cancelled = new Outcome.Cancelled(Duration.ofMillis(1));
        assertThatThrownBy(() -> judge(cancelled, 1, Bytes.of(1)))
                .isInstanceOf(HostFaultException.class);
    }

    @Test
    void wordsOfAProgramAreNotPartOfTheCause() {
        Finding finding = judge(new Outcome.Exited(1), 1, Bytes.of(1));
        assertThat(finding).isEqualTo(new Finding(Verdict.RE, "exit code 1", "it said: Exception"));
    }

    @Test
    void theFirstAndTheLastLineAreShown() {
        assertThat(words("")).isEmpty();
        assertThat(words("\n one \n\n")).isEqualTo("one");
        assertThat(words("one\ntwo\nthree\n")).isEqualTo("one ... three");
        assertThat(words("one\n" + "x\n".repeat(1 << 20) + "\u001b\n"))
                .isEqualTo("one ... \\u001b");
        assertThat(words("y".repeat(10_000))).hasSizeLessThan(300);
    }

    private static String words(String errors) {
        return Ending.words(errors.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void secondsAreTheSameEverywhere() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            assertThat(judge(new Outcome.LimitReached(Limit.CPU_TIME), 1, Bytes.of(1)).cause())
                    .contains("1.00 s");
        } finally {
            Locale.setDefault(before);
        }
    }
}
