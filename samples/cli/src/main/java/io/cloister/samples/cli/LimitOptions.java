package io.cloister.samples.cli;

import static io.cloister.samples.cli.OptionValues.decimal;
import static io.cloister.samples.cli.OptionValues.digits;
import static io.cloister.samples.cli.OptionValues.named;
import static io.cloister.samples.cli.OptionValues.set;
import static io.cloister.samples.cli.OptionValues.setAll;
import static io.cloister.samples.cli.OptionValues.split;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.util.List;
import java.util.function.Consumer;

/// The options that limit what a run uses, in the order of the help.
final class LimitOptions {
    private static final String UNLIMITED = "unlimited";
    private static final String ALL = "all";

    private final OptionSpec memory =
            Options.text(
                    "--memory",
                    "SIZE",
                    "Memory of all processes together, such as 64m, or unlimited. Default: 1g, best"
                            + " effort.");

    private final OptionSpec memoryHigh =
            Options.text(
                    "--memory-high", "SIZE", "Memory beyond which the processes are slowed down.");

    private final OptionSpec swap =
            Options.text(
                    "--swap",
                    "SIZE",
                    "Swap of all processes together, or unlimited. Default: 0, best effort.");

    private final OptionSpec pids =
            Options.text(
                    "--pids",
                    "N",
                    "Processes and threads at one time, or unlimited. Default: 256, best effort.");

    private final OptionSpec cpus = Options.text("--cpus", "N", "Processors, such as 0.5.");

    private final OptionSpec cpuset =
            Options.text("--cpuset", "LIST", "The processors to run on, such as 0-1,3.");

    private final OptionSpec cpuTime =
            Options.text(
                    "--cpu-time",
                    "TIME",
                    "Processor time of all processes together, such as 1s or 500ms, or unlimited."
                            + " Default: 5m, best effort.");

    private final OptionSpec wallTime =
            Options.text(
                    "--wall-time", "TIME", "Time from start to end, or unlimited. Default: 5m.");

    private final OptionSpec idleTime =
            Options.text(
                    "--idle-time", "TIME", "Time without output and without use of a processor.");

    private final OptionSpec extraTime =
            Options.text(
                    "--extra-time",
                    "TIME",
                    "How much longer than --cpu-time and --wall-time the run may go on before it is"
                            + " killed; it counts as over the limit all the same. Default: 0s.");

    private final OptionSpec output =
            Options.text(
                    "--output",
                    "SIZE",
                    "Bytes on standard output, and as many on standard error, or unlimited."
                            + " Default: 16m.");

    private final OptionSpec rlimits =
            Options.texts(
                    "--rlimit",
                    "NAME=VALUE",
                    "A limit of each process: nofile=256, or nofile=256:512 for soft and hard."
                            + " Repeatable.");

    private final OptionSpec bestEffort =
            Options.texts(
                    "--best-effort",
                    "ITEM",
                    "Run even where the host cannot enforce this limit: its name as in a policy,"
                            + " such as memory or cpuTime, or all. Repeatable.");

    /// Adds them to a command.
    void addTo(CommandSpec command) {
        List.of(
                        memory,
                        memoryHigh,
                        swap,
                        pids,
                        cpus,
                        cpuset,
                        cpuTime,
                        wallTime,
                        idleTime,
                        extraTime,
                        output,
                        rlimits,
                        bestEffort)
                .forEach(command::addOption);
    }

    /// Sets what was given.
    ///
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    void apply(Sandbox.Builder builder) {
        setOrLift(memory, text -> builder.memoryLimit(Bytes.parse(text)), builder::unlimitedMemory);
        set(memoryHigh, text -> builder.memoryHigh(Bytes.parse(text)));
        setOrLift(swap, text -> builder.swapLimit(Bytes.parse(text)), builder::unlimitedSwap);
        setOrLift(
                pids,
                text -> builder.pidsLimit(Long.parseLong(digits(text))),
                builder::unlimitedPids);
        set(cpus, text -> builder.cpus(decimal(text)));
        set(cpuset, builder::cpuset);
        setOrLift(
                cpuTime,
                text -> builder.cpuTimeLimit(Units.parseDuration(text)),
                builder::unlimitedCpuTime);
        setOrLift(
                wallTime,
                text -> builder.wallTimeLimit(Units.parseDuration(text)),
                builder::unlimitedWallTime);
        set(idleTime, text -> builder.idleTimeLimit(Units.parseDuration(text)));
        set(extraTime, text -> builder.extraTime(Units.parseDuration(text)));
        setOrLift(output, text -> builder.outputLimit(Bytes.parse(text)), builder::unlimitedOutput);
        setAll(
                rlimits,
                text -> {
                    String[] parts = split(text, "NAME=VALUE such as nofile=256");
                    RlimitValue value = RlimitValue.parse(parts[1]);
                    Rlimit limit = named(parts[0], Rlimit.values(), Rlimit::label);
                    builder.rlimit(limit, value.soft(), value.hard());
                });
        // Last: setting a limit makes it required.
        setAll(bestEffort, text -> builder.bestEffort(items(text)));
    }

    private static void setOrLift(OptionSpec option, Consumer<String> setter, Runnable unlimited) {
        if (UNLIMITED.equals(option.getValue())) {
            unlimited.run();
        } else {
            set(option, setter);
        }
    }

    private static LimitItem[] items(String text) {
        return text.equals(ALL)
                ? LimitItem.values()
                : new LimitItem[] {named(text, LimitItem.values(), LimitItem::label)};
    }
}
