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

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The options that limit what a run uses, in the order of the help.
final class LimitOptions {
    private static final String UNLIMITED = "unlimited";
    private static final String ALL = "all";

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description =
                    "Memory of all processes together, such as 64m, or unlimited. Default: 1g, best"
                            + " effort.")
    private @Nullable String memory;

    @Option(
            names = "--memory-high",
            paramLabel = "SIZE",
            description = "Memory beyond which the processes are slowed down.")
    private @Nullable String memoryHigh;

    @Option(
            names = "--swap",
            paramLabel = "SIZE",
            description = "Swap of all processes together, or unlimited. Default: 0, best effort.")
    private @Nullable String swap;

    @Option(
            names = "--pids",
            paramLabel = "N",
            description =
                    "Processes and threads at one time, or unlimited. Default: 256, best effort.")
    private @Nullable String pids;

    @Option(names = "--cpus", paramLabel = "N", description = "Processors, such as 0.5.")
    private @Nullable String cpus;

    @Option(
            names = "--cpuset",
            paramLabel = "LIST",
            description = "The processors to run on, such as 0-1,3.")
    private @Nullable String cpuset;

    @Option(
            names = "--cpu-time",
            paramLabel = "TIME",
            description =
                    "Processor time of all processes together, such as 1s or 500ms, or unlimited."
                            + " Default: 5m, best effort.")
    private @Nullable String cpuTime;

    @Option(
            names = "--wall-time",
            paramLabel = "TIME",
            description = "Time from start to end, or unlimited. Default: 5m.")
    private @Nullable String wallTime;

    @Option(
            names = "--idle-time",
            paramLabel = "TIME",
            description = "Time without output and without use of a processor.")
    private @Nullable String idleTime;

    @Option(
            names = "--extra-time",
            paramLabel = "TIME",
            description =
                    "How much longer than --cpu-time and --wall-time the run may go on before it is"
                            + " killed; it counts as over the limit all the same. Default: 0s.")
    private @Nullable String extraTime;

    @Option(
            names = "--output",
            paramLabel = "SIZE",
            description =
                    "Bytes on standard output, and as many on standard error, or unlimited."
                            + " Default: 16m.")
    private @Nullable String output;

    @Option(
            names = "--rlimit",
            paramLabel = "NAME=VALUE",
            description =
                    "A limit of each process: nofile=256, or nofile=256:512 for soft and hard."
                            + " Repeatable.")
    private List<String> rlimits = new ArrayList<>();

    @Option(
            names = "--best-effort",
            paramLabel = "ITEM",
            description =
                    "Run even where the host cannot enforce this limit: its name as in a policy,"
                            + " such as memory or cpuTime, or all. Repeatable.")
    private List<String> bestEffort = new ArrayList<>();

    /// Made by picocli, which sets the fields.
    LimitOptions() {}

    /// Sets what was given.
    ///
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    void apply(Sandbox.Builder builder) {
        setOrLift(
                "--memory",
                memory,
                text -> builder.memoryLimit(Bytes.parse(text)),
                builder::unlimitedMemory);
        set("--memory-high", memoryHigh, text -> builder.memoryHigh(Bytes.parse(text)));
        setOrLift(
                "--swap",
                swap,
                text -> builder.swapLimit(Bytes.parse(text)),
                builder::unlimitedSwap);
        setOrLift(
                "--pids",
                pids,
                text -> builder.pidsLimit(Long.parseLong(digits(text))),
                builder::unlimitedPids);
        set("--cpus", cpus, text -> builder.cpus(decimal(text)));
        set("--cpuset", cpuset, builder::cpuset);
        setOrLift(
                "--cpu-time",
                cpuTime,
                text -> builder.cpuTimeLimit(Units.parseDuration(text)),
                builder::unlimitedCpuTime);
        setOrLift(
                "--wall-time",
                wallTime,
                text -> builder.wallTimeLimit(Units.parseDuration(text)),
                builder::unlimitedWallTime);
        set("--idle-time", idleTime, text -> builder.idleTimeLimit(Units.parseDuration(text)));
        set("--extra-time", extraTime, text -> builder.extraTime(Units.parseDuration(text)));
        setOrLift(
                "--output",
                output,
                text -> builder.outputLimit(Bytes.parse(text)),
                builder::unlimitedOutput);
        setAll(
                "--rlimit",
                rlimits,
                text -> {
                    String[] parts = split(text, "NAME=VALUE such as nofile=256");
                    RlimitValue value = RlimitValue.parse(parts[1]);
                    Rlimit limit = named(parts[0], Rlimit.values(), Rlimit::label);
                    builder.rlimit(limit, value.soft(), value.hard());
                });
        // Last: setting a limit makes it required.
        setAll("--best-effort", bestEffort, text -> builder.bestEffort(items(text)));
    }

    private static void setOrLift(
            String option, @Nullable String text, Consumer<String> setter, Runnable unlimited) {
        if (UNLIMITED.equals(text)) {
            unlimited.run();
        } else {
            set(option, text, setter);
        }
    }

    private static LimitItem[] items(String text) {
        return text.equals(ALL)
                ? LimitItem.values()
                : new LimitItem[] {named(text, LimitItem.values(), LimitItem::label)};
    }
}
