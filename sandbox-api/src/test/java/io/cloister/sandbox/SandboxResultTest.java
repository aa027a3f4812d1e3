package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

class SandboxResultTest {
    private static SandboxResult printing(byte[] stdout, byte[] stderr) {
        return SandboxResult.of(
                new Outcome.Exited(0),
                FakeProcess.used(),
                stdout,
                stderr,
                List.of(new Enforcement("wallTime", "5s", "watched")),
                List.of(new Evidence("wait status", "exit 0")));
    }

    @Test
    void textIsUtf8WithMalformedSequencesReplaced() {
        byte[] malformed = {'a', (byte) 0xff, 'b'};
        SandboxResult result = printing(malformed, "grün".getBytes(StandardCharsets.UTF_8));
        assertThat(result.stdoutText()).isEqualTo("a\ufffdb");
        assertThat(result.stderrText()).isEqualTo("grün");
        assertThat(result.stdout()).containsExactly('a', 0xff, 'b');
    }

    @Test
    void outputOfOneCallerIsNotSpoiledByAnother() {
        SandboxResult result = printing(new byte[] {1}, new byte[] {2});
        result.stdout()[0] = 9;
        result.stderr()[0] = 9;
        assertThat(result.stdout()).containsExactly(1);
        assertThat(result.stderr()).containsExactly(2);
    }

    @Test
    void printsTheSizesButNotTheContentsOfOutput() {
        SandboxResult result = printing("secret".getBytes(StandardCharsets.UTF_8), new byte[0]);
        assertThat(result)
                .hasToString(
                        "SandboxResult[Exited[code=0], wall 1s, cpu 500ms, stdout 6 B, stderr 0"
                                + " B]");
    }

    @Test
    void enforcementReadsAsItemValueAndMeans() {
        assertThat(printing(new byte[0], new byte[0]).enforced())
                .extracting(Enforcement::toString)
                .containsExactly("wallTime 5s (watched)");
    }

    @Test
    void evidenceReadsAsSourceAndObservation() {
        assertThat(printing(new byte[0], new byte[0]).evidence())
                .extracting(Evidence::toString)
                .containsExactly("wait status: exit 0");
    }

    @Test
    void timesReadTheSameWayEverywhere() {
        Duration third = Duration.ofSeconds(1).dividedBy(3);
        ResourceUsage usage =
                ResourceUsage.builder(third).throttling(new Throttling(5, 2, third)).build();
        byte[] none = {};
        assertThat(
                        SandboxResult.of(
                                new Outcome.Cancelled(third),
                                usage,
                                none,
                                none,
                                List.of(),
                                List.of()))
                .hasToString(
                        "SandboxResult[Cancelled[after 333ms], wall 333ms, cpu unknown, stdout 0 B,"
                                + " stderr 0 B]");
        assertThat(usage.toString())
                .startsWith("ResourceUsage[wallTime=333ms, memory=")
                .endsWith("throttling=Throttling[throttled in 2 of 5 periods, for 333ms]]");
        assertThat(new SetUpTimes(Duration.ZERO, third, third, third))
                .hasToString(
                        "SetUpTimes[prepare 0s, create 333ms, isolate 333ms, execute 333ms, total"
                                + " 999ms]");
        assertThat(Sandbox.builder().spec().toString())
                .contains("wallTime=5m")
                .doesNotContainPattern("PT[0-9]");
    }

    @Test
    void processorTimeThatIsNotKnownIsSaidSo() {
        ResourceUsage usage = ResourceUsage.builder(Duration.ofSeconds(1)).build();
        byte[] none = {};
        assertThat(SandboxResult.of(new Outcome.Exited(0), usage, none, none, List.of(), List.of()))
                .asString()
                .contains("cpu unknown");
    }
}
