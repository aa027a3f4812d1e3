package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

class ResourceLimitsTest {
    private final ResourceLimits limits = ResourceLimits.standard();

    @Test
    void eachCommandOfASessionHasTimesAndOutputForItself() {
        ResourceLimits all =
                limits.cpus(2)
                        .cpuset("0")
                        .idleTime(Duration.ofSeconds(1))
                        .extraTime(Duration.ofSeconds(2))
                        .rlimit(Rlimit.NOFILE, new RlimitValue(7, 7));
        ResourceLimits expected =
                ResourceLimits.unlimited()
                        .cpuTime(all.cpuTime().orElseThrow())
                        .wallTime(all.wallTime().orElseThrow())
                        .idleTime(Duration.ofSeconds(1))
                        .extraTime(Duration.ofSeconds(2))
                        .output(all.output().orElseThrow());
        for (var rlimit : all.rlimits().entrySet()) {
            expected = expected.rlimit(rlimit.getKey(), rlimit.getValue());
        }
        expected = expected.bestEffort(all.bestEffort().toArray(LimitItem[]::new));
        assertThat(all.ofEachCommand()).isEqualTo(expected);
        assertThat(all.memory()).isPresent();
        assertThat(all.ofEachCommand().memory()).isEmpty();
    }

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
    void theOtherLimitsArePositiveToo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.memoryHigh(Bytes.of(0)))
                .withMessage("memoryHigh must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpuBurst(Duration.ZERO))
                .withMessage("cpuBurst must be > 0, was 0s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.idleTime(Duration.ofMillis(-1)))
                .withMessage("idleTime must be > 0, was -1ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.extraTime(Duration.ofMillis(-1)))
                .withMessage("extraTime must be >= 0, was -1ms");
        assertThat(limits.extraTime(Duration.ZERO).extraTime()).contains(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 10_001, Integer.MAX_VALUE})
    void refusesWeightsThatTheKernelHasNot(int weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpuWeight(weight))
                .withMessage("cpuWeight must be 1 to 10000, was " + weight);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.ioWeight(weight))
                .withMessage("ioWeight must be 1 to 10000, was " + weight);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 10_000})
    void takesWeights(int weight) {
        assertThat(limits.cpuWeight(weight).cpuWeight()).contains(weight);
        assertThat(limits.ioWeight(weight).ioWeight()).contains(weight);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0-3", "0-1,3", "7-7,2", "0,1,2,99999"})
    void takesListsOfProcessorsAndNodes(String list) {
        assertThat(limits.cpuset(list).cpuset()).contains(list);
        assertThat(limits.memoryNodes(list).memoryNodes()).contains(list);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "0-", "-1", "0,", ",0", "0 1", "0-1-2", "100000", "0\n"})
    void refusesWhatIsNoList(String list) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpuset(list))
                .withMessageStartingWith("cpuset must be a list such as \"0-1,3\", was \"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.memoryNodes(list))
                .withMessageStartingWith("memoryNodes must be a list such as \"0-1,3\", was \"");
    }

    @Test
    void refusesARangeThatEndsBeforeItBegins() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.cpuset("0,3-2"))
                .withMessage("a range of cpuset must not end before it begins, was \"3-2\"");
    }

    @Test
    void hugePagesHaveASizeThatIsAPowerOfTwo() {
        Bytes page = Bytes.mebibytes(2);
        assertThat(limits.hugePages(page, Bytes.of(0)).hugePages())
                .containsEntry(page, Bytes.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.hugePages(Bytes.mebibytes(3), page))
                .withMessage("page size of hugePages must be a power of two, was 3 MiB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.hugePages(Bytes.of(0), page))
                .withMessage("page size of hugePages must be a power of two, was 0 B");
    }

    @Test
    void theDefaultsOfControlGroupsAreBestEffort() {
        assertThat(limits.bestEffort())
                .containsExactly(
                        LimitItem.MEMORY, LimitItem.SWAP, LimitItem.PIDS, LimitItem.CPU_TIME);
        assertThat(LimitItem.values()).noneMatch(limits::isRequired);
        assertThat(limits.isSet(LimitItem.MEMORY)).isTrue();
        assertThat(limits.isSet(LimitItem.IO)).isFalse();
    }

    static Stream<Arguments> setters() {
        Path disk = Path.of("/dev/sda");
        return Stream.of(
                setter(LimitItem.MEMORY, l -> l.memory(Bytes.of(1))),
                setter(LimitItem.MEMORY_HIGH, l -> l.memoryHigh(Bytes.of(1))),
                setter(LimitItem.SWAP, l -> l.swap(Bytes.of(1))),
                setter(LimitItem.PIDS, l -> l.pids(1)),
                setter(LimitItem.CPUS, l -> l.cpus(1)),
                setter(LimitItem.CPU_BURST, l -> l.cpuBurst(Duration.ofMillis(1))),
                setter(LimitItem.CPU_WEIGHT, l -> l.cpuWeight(1)),
                setter(LimitItem.CPUSET, l -> l.cpuset("0")),
                setter(LimitItem.MEMORY_NODES, l -> l.memoryNodes("0")),
                setter(LimitItem.IO, l -> l.io(DeviceIo.operationsPerSecond(disk, 1, 1))),
                setter(LimitItem.IO_WEIGHT, l -> l.ioWeight(1)),
                setter(LimitItem.HUGE_PAGES, l -> l.hugePages(Bytes.of(2), Bytes.of(0))),
                setter(LimitItem.CPU_TIME, l -> l.cpuTime(Duration.ofMillis(1))),
                setter(LimitItem.IDLE_TIME, l -> l.idleTime(Duration.ofMillis(1))));
    }

    private static Arguments setter(LimitItem item, UnaryOperator<ResourceLimits> setter) {
        return Arguments.of(item, setter);
    }

    @Test
    void everyItemHasASetter() {
        assertThat(setters().map(arguments -> arguments.get()[0]))
                .containsExactlyInAnyOrder((Object[]) LimitItem.values());
    }

    @ParameterizedTest
    @MethodSource("setters")
    void aLimitIsRequiredUntilItIsMarked(LimitItem item, UnaryOperator<ResourceLimits> setter) {
        ResourceLimits none = ResourceLimits.unlimited();
        assertThat(none.isSet(item)).isFalse();
        assertThat(none.isRequired(item)).isFalse();

        ResourceLimits set = setter.apply(none);
        assertThat(set.isSet(item)).isTrue();
        assertThat(set.isRequired(item)).isTrue();
        assertThat(set.bestEffort(item).isRequired(item)).isFalse();
        assertThat(set.bestEffort(item).required(item)).isEqualTo(set);
        assertThat(setter.apply(set.bestEffort(item))).isEqualTo(set);
        for (LimitItem other : LimitItem.values()) {
            assertThat(set.isSet(other)).isEqualTo(other == item);
            assertThat(setter.apply(none.bestEffort(other)).bestEffort().contains(other))
                    .isEqualTo(other != item);
        }
    }

    @Test
    void aLimitThatIsLiftedLosesItsMark() {
        assertThat(
                        limits.unlimitedMemory()
                                .unlimitedSwap()
                                .unlimitedPids()
                                .unlimitedCpuTime()
                                .unlimitedWallTime()
                                .unlimitedOutput())
                .isEqualTo(ResourceLimits.unlimited());
    }

    @Test
    void aMarkOnALimitThatIsNotSetHasNoEffect() {
        ResourceLimits marked = ResourceLimits.unlimited().bestEffort(LimitItem.CPUS);
        assertThat(marked.isRequired(LimitItem.CPUS)).isFalse();
        assertThat(marked.cpus(1).isRequired(LimitItem.CPUS)).isTrue();
    }

    @Test
    void aDeviceHasOneLimit() {
        DeviceIo first = DeviceIo.operationsPerSecond(Path.of("/dev/sda"), 1, 1);
        DeviceIo second = DeviceIo.operationsPerSecond(Path.of("/dev/sdb"), 2, 2);
        DeviceIo other = DeviceIo.operationsPerSecond(Path.of("/dev/sda"), 3, 3);
        assertThat(limits.io(first).io(second).io(other).io()).containsExactly(second, other);
    }

    @Test
    void aDeviceHasAtLeastOneRateAndRatesArePositive() {
        Path disk = Path.of("/dev/sda");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new DeviceIo(
                                disk,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                .withMessage("io of /dev/sda must have at least one rate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceIo.bytesPerSecond(disk, Bytes.of(0), Bytes.of(1)))
                .withMessage("readPerSecond must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceIo.bytesPerSecond(disk, Bytes.of(1), Bytes.of(0)))
                .withMessage("writePerSecond must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceIo.operationsPerSecond(disk, 0, 1))
                .withMessage("readOperationsPerSecond must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceIo.operationsPerSecond(disk, 1, -1))
                .withMessage("writeOperationsPerSecond must be > 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceIo.operationsPerSecond(Path.of("sda"), 1, 1))
                .withMessage("a path of the host must be absolute, was \"sda\"");
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
