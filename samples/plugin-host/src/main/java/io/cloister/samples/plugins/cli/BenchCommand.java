package io.cloister.samples.plugins.cli;

import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.host.Plugin;
import io.cloister.samples.plugins.host.PluginEvent;
import io.cloister.samples.plugins.host.PluginHost;
import io.cloister.samples.plugins.supervise.RestartPolicy;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Measures how long a plugin takes to start, and a call to return.
@Command(name = "bench", description = "Measures a call and the start of a plugin.")
final class BenchCommand extends Main.OfBuild {
    /// Who can't start is given up, and that fails the call which waits for it.
    private static final RestartPolicy ONCE =
            new RestartPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMinutes(1), 1);

    @Option(names = "--starts", defaultValue = "10", description = "how many starts of each kind")
    private int starts;

    @Option(
            names = "--calls",
            defaultValue = "50000",
            description = "how many calls, after as many")
    private int calls;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (starts < 1 || calls < 1) {
            throw new IllegalArgumentException("--starts and --calls must be at least 1");
        }
        Built built = built();
        Optional<Path> cache = built.cache();
        long[] without = new long[starts];
        long[] with = new long[starts];
        // In turn, so that what else the machine does meets both alike.
        for (int i = 0; i < starts; i++) {
            System.err.printf("start %d of %d%n", i + 1, starts);
            without[i] = start(built, Optional.empty());
            with[i] = cache.isPresent() ? start(built, cache) : 0;
        }
        print("start to first answer, without cache", without);
        if (cache.isPresent()) {
            print("start to first answer, with cache", with);
        }
        calls(built, cache);
        return 0;
    }

    /// Until the first call has returned.
    private static long start(Built built, Optional<Path> cache) throws IOException {
        try (PluginHost host =
                PluginHost.builder(built.runtime(), built.data())
                        .cache(cache)
                        .restarts(ONCE)
                        .listener(BenchCommand::complain)
                        .build()) {
            long begin = System.nanoTime();
            host.load(built.plugin("shout")).extension(TextFilter.class).apply("x");
            return System.nanoTime() - begin;
        }
    }

    private void calls(Built built, Optional<Path> cache) throws IOException {
        try (PluginHost host =
                        PluginHost.builder(built.runtime(), built.data())
                                .cache(cache)
                                .listener(BenchCommand::complain)
                                .build();
                Plugin plugin = host.load(built.plugin("shout"))) {
            TextFilter filter = plugin.extension(TextFilter.class);
            measure(filter);
            print("round trip of a call", measure(filter));
        }
    }

    /// What must not happen here.
    private static void complain(PluginEvent event) {
        if (!(event instanceof PluginEvent.Started)) {
            System.err.println(event);
        }
    }

    private long[] measure(TextFilter filter) {
        long[] times = new long[calls];
        for (int i = 0; i < calls; i++) {
            long begin = System.nanoTime();
            filter.apply("x");
            times[i] = System.nanoTime() - begin;
        }
        return times;
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%-36s median %10.1f us, least %10.1f us, 99 of 100 within %10.1f us%n",
                what,
                nanos[nanos.length / 2] / 1e3,
                nanos[0] / 1e3,
                nanos[(int) (nanos.length * 0.99)] / 1e3);
    }
}
