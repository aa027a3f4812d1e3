package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.LimitItem;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What is required fails where it cannot be had; what is best effort runs, and the result tells
/// what held.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BestEffortTest {

    /// Sets the limit that belongs to an item, far above what is used.
    private static Sandbox.Builder with(LimitItem item) {
        Sandbox.Builder builder = hogs();
        return switch (item) {
            case MEMORY -> builder.memoryLimit(Bytes.mebibytes(256));
            case MEMORY_HIGH -> builder.memoryHigh(Bytes.mebibytes(256));
            case PIDS -> builder.pidsLimit(50);
            case CPUS -> builder.cpus(1.5);
            case CPU_WEIGHT -> builder.cpuWeight(50);
            case CPUSET -> builder.cpuset("0");
            case MEMORY_NODES -> builder.memoryNodes("0");
            case IO_WEIGHT -> builder.ioWeight(50);
            case CPU_TIME -> builder.cpuTimeLimit(Duration.ofSeconds(40));
            case IDLE_TIME -> builder.idleTimeLimit(Duration.ofSeconds(40));
            default -> throw new IllegalArgumentException(item + " needs more of the host");
        };
    }

    private static String means(SandboxResult result, String item) {
        return result.enforced().stream()
                .filter(enforcement -> enforcement.item().equals(item))
                .map(Enforcement::means)
                .findFirst()
                .orElseThrow(() -> new AssertionError(item + " is not in " + result.enforced()));
    }

    @ParameterizedTest
    @EnumSource(
            value = LimitItem.class,
            names = {"SWAP", "CPU_BURST", "IO", "HUGE_PAGES"},
            mode = EnumSource.Mode.EXCLUDE)
    void whatIsBestEffortRunsEverywhere(LimitItem item) {
        SandboxResult result = run(with(item).bestEffort(item), hog("burn 1"));
        assertThat(result).exited(0);
        assertThat(means(result, item.label())).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "MEMORY, memory",
        "PIDS, pids",
        "CPUS, cpu",
        "CPU_WEIGHT, cpu",
        "CPUSET, cpuset",
        "MEMORY_NODES, cpuset"
    })
    void whatIsRequiredHoldsOrIsRefused(LimitItem item, String controller) {
        if (Cgroups.isAvailable(controller)) {
            SandboxResult result = run(with(item), hog("burn 1"));
            assertThat(result).exited(0);
            assertThat(means(result, item.label())).contains("cgroup");
        } else {
            assertRefused(item);
            assertThat(means(run(with(item).bestEffort(item), hog("burn 1")), item.label()))
                    .doesNotContain("cgroup v");
        }
    }

    private static void assertRefused(LimitItem item) {
        assertThatThrownBy(() -> run(with(item), hog("burn 1")))
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> {
                            assertThat(e).hasMessageContaining(item.label());
                            assertThat(e.missing()).isNotBlank();
                            assertThat(e.remedy()).isNotBlank();
                        });
    }

    @Test
    void memoryHighIsRefusedInVersion1() {
        Cgroups.assume("memory");
        if (Cgroups.isVersion1("memory")) {
            assertRefused(LimitItem.MEMORY_HIGH);
        } else {
            assertThat(run(with(LimitItem.MEMORY_HIGH), hog("burn 1"))).exited(0);
        }
    }

    @Test
    void theDefaultsHoldByWhateverMeansThereAre() {
        SandboxResult result = run(hogs(), hog("burn 1"));
        assertThat(result).exited(0);
        for (String item : new String[] {"memory", "pids", "swap", "cpuTime", "wallTime"}) {
            assertThat(means(result, item)).doesNotStartWith("not");
        }
        assertThat(means(result, "output")).isNotBlank();
    }

    @Test
    void defaultsCanBeRequired() {
        Sandbox.Builder required = hogs().required(LimitItem.MEMORY);
        if (Cgroups.isAvailable("memory")) {
            assertThat(run(required, hog("burn 1"))).exited(0);
        } else {
            assertThatThrownBy(() -> run(required, hog("burn 1")))
                    .isInstanceOf(SandboxUnavailableException.class);
        }
    }

    @Test
    void whatIsUnlimitedIsNotListed() {
        SandboxResult result =
                run(hogs().unlimitedMemory().unlimitedPids().unlimitedSwap(), hog("burn 1"));
        assertThat(result).exited(0);
        assertThat(result.enforced())
                .extracting(Enforcement::item)
                .doesNotContain("memory", "pids", "swap");
    }

    @ParameterizedTest
    @ValueSource(strings = {"children 96 , stay", "shared 128 , stay"})
    void aHogEndsByWhateverMeansThereAre(String acts) {
        Sandbox.Builder builder =
                hogs().memoryLimit(Bytes.mebibytes(48)).bestEffort(LimitItem.MEMORY);
        assertThat(run(builder, hog(acts))).reached(Limit.MEMORY);
        assertThat(run(builder, hog("children 12 , nap 100"))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"forkbomb", "threadbomb"})
    void aBombEndsByWhateverMeansThereAre(String acts) {
        Sandbox.Builder builder = hogs().pidsLimit(30).bestEffort(LimitItem.PIDS);
        assertThat(run(builder, hog(acts))).reached(Limit.PIDS);
        assertThat(run(builder, hog("forks 15 , nap 100"))).exited(0);
    }

    @Test
    void processorsAreThoseOfTheSet() {
        Cgroups.assume("cpuset");
        assertThat(Runs.printed(hogs().cpuset("0"), "nproc")).isEqualTo("1\n");
    }

    @Test
    void processorsThatTheHostDoesNotHaveAreRefused() {
        Cgroups.assume("cpuset");
        assertThatThrownBy(() -> run(hogs().cpuset("4000"), hog("burn 1")))
                .hasMessageContaining("4000");
        assertThat(run(hogs().cpuset("0"), hog("burn 1"))).exited(0);
    }
}
