package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.VERSION_1;
import static io.cloister.sandbox.linux.plan.TestHost.VERSION_2;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Which limits of a command of a session need a control group, and what one can have.
class SessionLimitsPlanTest {

    private static final ResourceLimits NONE = ResourceLimits.unlimited();
    private static final Bytes SOME = Bytes.mebibytes(1);

    @Test
    void whatProcessesShareNeedsAGroupAndTimesDoNot() {
        for (ResourceLimits limits :
                List.of(
                        NONE.memory(SOME),
                        NONE.memoryHigh(SOME),
                        NONE.swap(SOME),
                        NONE.pids(1),
                        NONE.cpus(0.5),
                        NONE.cpuWeight(5),
                        NONE.cpuset("0"),
                        NONE.memoryNodes("0"),
                        NONE.ioWeight(5))) {
            assertThat(SessionLimits.needGroup(limits)).as(limits.toString()).isTrue();
        }
        ResourceLimits times =
                NONE.cpuTime(Duration.ofSeconds(1))
                        .wallTime(Duration.ofSeconds(1))
                        .idleTime(Duration.ofSeconds(1))
                        .output(SOME)
                        .rlimit(Rlimit.NOFILE, new RlimitValue(7, 7));
        assertThat(SessionLimits.needGroup(times)).isFalse();
        assertThat(SessionLimits.needGroup(ResourceLimits.standard().ofEachCommand())).isFalse();
    }

    @Test
    void aLimitOnMemoryBringsTheSwapOfAll() {
        ResourceLimits policy = NONE.memory(SOME).swap(Bytes.of(0));
        assertThat(SessionLimits.withSwap(NONE.memory(SOME), policy).swap()).contains(Bytes.of(0));
        assertThat(SessionLimits.withSwap(NONE.memory(SOME).swap(SOME), policy).swap())
                .contains(SOME);
        assertThat(SessionLimits.withSwap(NONE.pids(3), policy)).isEqualTo(NONE.pids(3));
        assertThat(SessionLimits.withSwap(NONE.memory(SOME), NONE).swap()).isEmpty();
        assertThat(
                        SessionLimits.withSwap(NONE.memory(SOME), policy.bestEffort(LimitItem.SWAP))
                                .isRequired(LimitItem.SWAP))
                .isFalse();
    }

    @Test
    void groupsBelowHaveWhatTheSessionHasButNoDisksInVersion1() {
        Set<Controller> all = EnumSet.allOf(Controller.class);
        assertThat(VERSION_2.below(all).available()).isEqualTo(VERSION_2.available());
        assertThat(VERSION_1.has(Controller.IO)).isTrue();
        ControlGroups below = VERSION_1.below(all);
        assertThat(below.has(Controller.IO)).isFalse();
        assertThat(below.missing(Controller.IO).why()).contains("cgroup v1");
        assertThat(below.has(Controller.MEMORY)).isTrue();
        ControlGroups little = VERSION_2.below(Set.of(Controller.MEMORY));
        assertThat(little.has(Controller.MEMORY)).isTrue();
        assertThat(little.has(Controller.CPU)).isFalse();
        assertThat(little.missing(Controller.CPU).remedy()).contains("policy");
    }

    @Test
    void whatHoldsForAllIsToldUnderAnotherName() {
        List<Enforcement> session =
                List.of(
                        new Enforcement("net", "new", "namespace"),
                        new Enforcement("memory", "256m", "cgroup v2"),
                        Enforcement.notHeld("pids", "10", "not enforced: EBUSY"),
                        new Enforcement("rlimit NOFILE", "7:7", "rlimit"));
        assertThat(Enforced.ofSession(session))
                .containsExactly(
                        new Enforcement("session memory", "256m", "cgroup v2"),
                        Enforcement.notHeld("session pids", "10", "not enforced: EBUSY"));
    }
}
