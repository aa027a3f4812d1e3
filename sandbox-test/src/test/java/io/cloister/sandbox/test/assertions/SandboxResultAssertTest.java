package io.cloister.sandbox.test.assertions;

import static io.cloister.sandbox.test.assertions.SandboxAssertions.assertThat;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Signal;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

class SandboxResultAssertTest {

    private static SandboxResult result(Outcome outcome, String stdout, String stderr) {
        return SandboxResult.of(
                outcome,
                ResourceUsage.builder(Duration.ofMillis(1200))
                        .cpuTime(Duration.ofMillis(300))
                        .memory(MemoryUsage.ofPeak(Bytes.mebibytes(3)))
                        .build(),
                stdout.getBytes(StandardCharsets.UTF_8),
                stderr.getBytes(StandardCharsets.UTF_8),
                List.of(
                        new Enforcement("memory", "64 MiB", "cgroup v2"),
                        new Enforcement("session pids", "10", "cgroup v2"),
                        new Enforcement("scratch", "private directory", "namespace"),
                        Enforcement.notHeld("swap", "0 B", "not enforced: no controller"),
                        Enforcement.notHeld("landlock", "not used", "ABI 7 has nothing"),
                        Enforcement.notHeld("net", "host", "not isolated")),
                List.of(new Evidence("memory.events", "oom_kill 1")));
    }

    private static final SandboxResult FINE =
            result(new Outcome.Exited(0), "one\ntwo\n", "beware\n");
    private static final SandboxResult FULL =
            result(new Outcome.LimitReached(Limit.MEMORY), "half\u001b[31m", "");
    private static final SandboxResult WRONG =
            result(new Outcome.PolicyViolated("socket(arg0 = 0x28)"), "", "");

    @Test
    void whatIsSoPasses() {
        assertThat(FINE)
                .exitedWith(0)
                .succeeded()
                .printed("one\ntwo\n")
                .printedLines("one", "two")
                .printedContaining("ne", "tw")
                .complained("beware\n")
                .complainedContaining("ware")
                .usedLessThan(Bytes.mebibytes(4))
                .usedLessCpuThan(Duration.ofMillis(301))
                .tookLessThan(Duration.ofSeconds(2))
                .enforced(Limit.MEMORY, Limit.PIDS)
                .enforced("memory", "scratch")
                .enforcedAs("memory", "64 MiB");
        assertThat(FINE).stdout().startsWith("one");
        assertThat(FINE).stderr().endsWith("ware\n");
        assertThat(FULL).wasKilledBy(Limit.MEMORY).complainedNothing();
        assertThat(WRONG).violated("socket").violated("socket(arg0 = 0x28)").printedNothing();
        assertThat(result(new Outcome.Signalled(Signal.SEGV), "", "")).diedOf(Signal.SEGV);
        assertThat(result(new Outcome.Cancelled(Duration.ZERO), "", "")).wasCancelled();
    }

    static List<Consumer<SandboxResultAssert>> wrong() {
        return List.of(
                it -> it.exitedWith(1),
                it -> it.diedOf(Signal.SEGV),
                it -> it.wasKilledBy(Limit.MEMORY),
                it -> it.violated("socket"),
                SandboxResultAssert::wasCancelled,
                it -> it.printed("one\n"),
                it -> it.printedLines("one"),
                SandboxResultAssert::printedNothing,
                it -> it.printedContaining("one", "three"),
                it -> it.complained("beware"),
                SandboxResultAssert::complainedNothing,
                it -> it.complainedContaining("three"),
                it -> it.usedLessThan(Bytes.mebibytes(3)),
                it -> it.usedLessCpuThan(Duration.ofMillis(300)),
                it -> it.tookLessThan(Duration.ofMillis(1200)),
                it -> it.enforced(Limit.CPU_TIME),
                it -> it.enforced("swap"),
                it -> it.enforced("net"),
                it -> it.enforced("landlock"),
                it -> it.enforced("memory", "landlock"),
                it -> it.enforcedAs("landlock", "not used"),
                it -> it.enforcedAs("memory", "65 MiB"),
                it -> it.collected("/out"),
                it -> it.stdout().isEmpty(),
                it -> it.stderr().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsNotFailsAndTellsTheWholeEnd(Consumer<SandboxResultAssert> assertion) {
        assertThatThrownBy(() -> assertion.accept(assertThat(FINE)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("outcome:  Exited[code=0]")
                .hasMessageContaining("evidence: memory.events: oom_kill 1")
                .hasMessageContaining("usage:    wall 1.2s, cpu 300ms, peak memory 3 MiB")
                .hasMessageContaining("| one\n    | two\n")
                .hasMessageContaining("| beware");
    }

    @Test
    void whatExpectsNothingIsRefused() {
        for (Consumer<SandboxResultAssert> empty :
                List.<Consumer<SandboxResultAssert>>of(
                        it -> it.enforced(new String[0]),
                        it -> it.enforced(new Limit[0]),
                        SandboxResultAssert::printedContaining,
                        SandboxResultAssert::complainedContaining,
                        SandboxResultAssert::collected)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> empty.accept(assertThat(FINE)))
                    .withMessageContaining("needs something to expect");
        }
    }

    private static AbstractThrowableAssert<?, ?> failure(ThrowingCallable assertion) {
        return assertThatThrownBy(assertion).isInstanceOf(AssertionError.class);
    }

    @Test
    void aFailureReadsAsASentenceAndAReport() {
        failure(() -> assertThat(FULL).exitedWith(0))
                .hasMessage(
                        """
                        expected exit code 0
                        outcome:  LimitReached[limit=MEMORY]
                        evidence: memory.events: oom_kill 1
                        usage:    wall 1.2s, cpu 300ms, peak memory 3 MiB
                        stdout:   9 B, without a newline at its end
                            | half\\u001b[31m
                        stderr:   nothing\
                        """);
    }

    @Test
    void aLongOutputIsCutInItsMiddle() {
        String text = "first" + "x%s".repeat(2_000) + "last";
        failure(() -> assertThat(result(new Outcome.Exited(0), text, "")).exitedWith(1))
                .hasMessageContaining("first")
                .hasMessageContaining("last")
                .hasMessageContaining("[... 4009 characters left out ...]");
    }

    @Test
    void whoForgetsTheNewlineIsTold() {
        failure(() -> assertThat(FINE).printed("one\ntwo"))
                .hasMessageContaining("only the white space at the end differs; see printedLines");
        failure(() -> assertThat(FINE).printed("one"))
                .hasMessageStartingWith("expected \"one\" on standard output\n");
    }

    @Test
    void whatTheHostDoesNotTellIsNoSmallNumber() {
        SandboxResult unknown =
                SandboxResult.of(
                        new Outcome.Exited(0),
                        ResourceUsage.builder(Duration.ZERO).build(),
                        new byte[0],
                        new byte[0],
                        List.of(),
                        List.of());
        failure(() -> assertThat(unknown).usedLessThan(Bytes.gibibytes(1)))
                .hasMessageContaining("which this host does not tell");
        failure(() -> assertThat(unknown).usedLessCpuThan(Duration.ofDays(1)))
                .hasMessageContaining("which this host does not tell");
        failure(() -> assertThat(unknown).enforced("memory")).hasMessageContaining("  nothing");
    }
}
