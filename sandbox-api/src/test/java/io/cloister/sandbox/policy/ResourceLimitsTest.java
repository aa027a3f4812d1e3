package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

class ResourceLimitsTest {
    private final ResourceLimits limits = ResourceLimits.standard();

    @Test
    void limitsArePositive() {
        assertThat(limits.memory(Bytes.of(1)).memory()).contains(Bytes.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.memory(Bytes.of(0)))
                .withMessage("memory must be > 0, was 0 B");
        assertThat(limits.pids(1).pids()).contains(1L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.pids(0))
                .withMessage("pids must be > 0, was 0");
        assertThat(limits.cpuTime(Duration.ofNanos(1)).cpuTime()).contains(Duration.ofNanos(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpuTime(Duration.ZERO))
                .withMessage("cpuTime must be > 0, was 0s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.wallTime(Duration.ofSeconds(-2)))
                .withMessage("wallTime must be > 0, was -2s");
    }

    @Test
    void swapAndOutputMayBeNone() {
        assertThat(limits.swap(Bytes.of(0)).swap()).contains(Bytes.of(0));
        assertThat(limits.output(Bytes.of(0)).output()).contains(Bytes.of(0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.009, 10_001, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesSharesOfProcessorsThatTheKernelHasNot(double cpus) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpus(cpus))
                .withMessage("cpus must be 0.01 to 10000, was " + cpus);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 1, 10_000})
    void takesSharesOfProcessors(double cpus) {
        assertThat(limits.cpus(cpus).cpus()).contains(cpus);
    }

    @ParameterizedTest
    @EnumSource
    void defaultsHoldUnlessOthersAreGiven(Rlimit limit) {
        assertThat(ResourceLimits.unlimited().rlimits().get(limit))
                .isEqualTo(limit.defaultValue().orElse(null));
        RlimitValue value = new RlimitValue(7, 8);
        assertThat(limits.rlimit(limit, value).rlimits()).containsEntry(limit, value);
    }

    @Test
    void aDefaultIsLiftedByAnExplicitUnlimited() {
        RlimitValue none = new RlimitValue(RlimitValue.UNLIMITED, RlimitValue.UNLIMITED);
        assertThat(limits.rlimit(Rlimit.NPROC, none).rlimits()).containsEntry(Rlimit.NPROC, none);
    }

    @ParameterizedTest
    @CsvSource({"1024:4096,1024,4096", "0,0,0", "unlimited,-1,-1", "5:unlimited,5,-1"})
    void readsSoftAndHardValue(String text, long soft, long hard) {
        RlimitValue value = RlimitValue.parse(text);
        assertThat(value).isEqualTo(new RlimitValue(soft, hard));
        assertThat(RlimitValue.parse(value.toString())).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "1:", ":1", "1:2:3", "-1", "a", "1 : 2", "99999999999999999999"})
    void refusesWhatIsNoValue(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RlimitValue.parse(text))
                .withMessage(
                        "expected limits such as \"1024:4096\" or \"unlimited\", was \""
                                + text
                                + "\"");
    }

    @Test
    void theSoftValueDoesNotExceedTheHardOne() {
        assertThat(new RlimitValue(4096, 4096).soft()).isEqualTo(4096);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RlimitValue(4097, 4096))
                .withMessage("soft must be <= hard, was 4097 with 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RlimitValue(RlimitValue.UNLIMITED, 4096))
                .withMessage("soft must be <= hard, was unlimited with 4096");
        assertThatIllegalArgumentException().isThrownBy(() -> new RlimitValue(-2, 4096));
    }

    @Test
    void anyLongValueIsReadBack() {
        RlimitValue value = new RlimitValue(Long.MAX_VALUE, Long.MAX_VALUE);
        assertThat(RlimitValue.parse(value.toString())).isEqualTo(value);
    }
}
