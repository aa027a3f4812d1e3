package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

class LimitChangeTest {

    private static final Bytes MEBIBYTE = Bytes.mebibytes(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    static final List<Arguments> CHANGEABLE =
            List.of(
                    change("memory", l -> l.memory(MEBIBYTE)),
                    change("no memory", ResourceLimits::unlimitedMemory),
                    change("memoryHigh", l -> l.memoryHigh(MEBIBYTE)),
                    change("swap", l -> l.swap(MEBIBYTE)),
                    change("no swap", ResourceLimits::unlimitedSwap),
                    change("pids", l -> l.pids(7)),
                    change("no pids", ResourceLimits::unlimitedPids),
                    change("cpus", l -> l.cpus(0.5)),
                    change("cpuBurst", l -> l.cpus(1).cpuBurst(Duration.ofMillis(9))),
                    change("cpuWeight", l -> l.cpuWeight(7)),
                    change("cpuset", l -> l.cpuset("0")),
                    change("ioWeight", l -> l.ioWeight(7)),
                    change("io", l -> l.io(DeviceIo.operationsPerSecond(Path.of("/d"), 1, 1))),
                    change("cpuTime", l -> l.cpuTime(SECOND)),
                    change("no cpuTime", ResourceLimits::unlimitedCpuTime),
                    change("wallTime", l -> l.wallTime(SECOND)),
                    change("no wallTime", ResourceLimits::unlimitedWallTime),
                    change("idleTime", l -> l.idleTime(SECOND)),
                    change("marks", l -> l.required(LimitItem.MEMORY)));

    static final List<Arguments> FIXED =
            List.of(
                    change("memoryNodes", l -> l.memoryNodes("0")),
                    change("hugePages", l -> l.hugePages(Bytes.mebibytes(2), MEBIBYTE)),
                    change("extraTime", l -> l.extraTime(SECOND)),
                    change("output", l -> l.output(MEBIBYTE)),
                    change("output", ResourceLimits::unlimitedOutput),
                    change("rlimits", l -> l.rlimit(Rlimit.NOFILE, new RlimitValue(1, 1))));

    private static Arguments change(String name, UnaryOperator<ResourceLimits> change) {
        return Arguments.of(name, change);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("CHANGEABLE")
    void whatTheKernelOrTheJvmKeepsCanBeChanged(String name, UnaryOperator<ResourceLimits> change) {
        ResourceLimits now = ResourceLimits.standard();
        assertThatCode(() -> LimitChange.check(now, change.apply(now))).doesNotThrowAnyException();
        assertThatCode(() -> LimitChange.check(change.apply(now), now)).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("FIXED")
    void whatProcessesWereGivenCannotBeChangedInEitherDirection(
            String name, UnaryOperator<ResourceLimits> change) {
        ResourceLimits now = ResourceLimits.standard();
        ResourceLimits wanted = change.apply(now);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitChange.check(now, wanted))
                .withMessageStartingWith(name + " cannot be changed while a run goes on, was ")
                .withMessageContaining(", wanted ");
        assertThatIllegalArgumentException().isThrownBy(() -> LimitChange.check(wanted, now));
        assertThatCode(() -> LimitChange.check(wanted, wanted)).doesNotThrowAnyException();
    }
}
