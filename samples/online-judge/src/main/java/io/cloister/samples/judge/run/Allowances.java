package io.cloister.samples.judge.run;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.language.Language;
import io.cloister.samples.judge.problem.ProblemLimits;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.time.Duration;

/// What programs are allowed, and as limits of the sandbox. Pure.
final class Allowances {
    /// A host that is busy gives a program less than a processor.
    private static final int WALL_FACTOR = 8;

    private static final Duration WALL_MORE = Duration.ofSeconds(10);

    /// A program that is not done and neither computes nor writes waits for what never comes.
    private static final Duration IDLE = Duration.ofSeconds(2);

    /// Of the main thread.
    static final Bytes STACK = Bytes.mebibytes(64);

    private Allowances() {}

    /// That of a solution.
    static Allowance ofSolution(Language language, ProblemLimits limits) {
        return allowance(language, limits.time(), limits.memory(), limits.output());
    }

    /// That of a validator or an interactor.
    static Allowance ofValidator(Language language, ProblemLimits limits) {
        return allowance(
                language, limits.validationTime(), limits.validationMemory(), limits.output());
    }

    private static Allowance allowance(
            Language language, Duration time, Bytes memory, Bytes output) {
        Duration cpuTime = language.time(time);
        return new Allowance(
                cpuTime,
                cpuTime.multipliedBy(WALL_FACTOR).plus(WALL_MORE),
                language.memory(memory),
                memory,
                output,
                Boxes.ROOM,
                language.processes(),
                language.outOfMemory());
    }

    /// Those of a program that talks to nobody.
    static ResourceLimits alone(ResourceLimits limits, Allowance allowed) {
        return limits(limits, allowed).idleTime(IDLE);
    }

    /// What the host cannot enforce by a control group is watched; see the README.
    static ResourceLimits limits(ResourceLimits limits, Allowance allowed) {
        return limits.cpuTime(allowed.cpuTime())
                .wallTime(allowed.wallTime())
                .memory(allowed.memory())
                .pids(allowed.processes())
                .output(allowed.output())
                .rlimit(Rlimit.STACK, new RlimitValue(STACK.value(), STACK.value()))
                .bestEffort(
                        LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME, LimitItem.IDLE_TIME);
    }
}
