package io.cloister.samples.plugins.cli;

import io.cloister.samples.plugins.api.ExchangeRates;
import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.api.Vault;
import io.cloister.samples.plugins.host.Plugin;
import io.cloister.samples.plugins.host.PluginEvent;
import io.cloister.samples.plugins.host.PluginHost;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.supervise.RestartPolicy;
import io.cloister.samples.plugins.wire.CallException;

import picocli.CommandLine.Command;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Lets hostile plugins do their worst, one after the other, beside one that goes on working.
@Command(name = "demo", description = "Runs hostile plugins beside one that goes on working.")
final class DemoCommand extends Main.OfBuild {
    private static final Duration SETTLE = Duration.ofSeconds(6);

    @Override
    public Integer call() throws IOException, InterruptedException {
        Built built = built();
        Optional<Path> cache = built.cache();
        Journal journal = new Journal();
        try (ServerSocket listening = new ServerSocket(0);
                PluginHost host =
                        PluginHost.builder(built.runtime(), built.data())
                                .cache(cache)
                                .most(Permissions.of(Map.of("Services", "ExchangeRates")))
                                .service(ExchangeRates.class, _ -> new BigDecimal("1.10"))
                                .service(Vault.class, name -> "the secret " + name)
                                .restarts(
                                        new RestartPolicy(
                                                Duration.ofMillis(100),
                                                Duration.ofSeconds(5),
                                                Duration.ofMinutes(1),
                                                5))
                                .listener(journal)
                                .build();
                Neighbour neighbour =
                        new Neighbour(host.load(built.plugin("shout")), TextFilter.class)) {
            System.out.printf("%-12s  %-52s  %s%n", "plugin", "what it does", "what came of it");
            boolean right = true;
            for (Act act : acts(listening.getLocalPort())) {
                try (Plugin plugin = host.load(built.plugin(act.plugin))) {
                    right &= show(plugin, act, journal, neighbour);
                }
            }
            System.out.println();
            System.out.println(neighbour.summary());
            return right && neighbour.failures() == 0 ? 0 : 1;
        }
    }

    /// What a hostile plugin is called with, and what must come of it.
    ///
    /// @param plugin its id
    /// @param argument of the call
    /// @param call what the outcome of the call contains
    /// @param end what the cause of its end contains; nothing if it must live on
    private record Act(String plugin, String argument, String call, String end) {
        static Act ends(String plugin, String end) {
            return new Act(plugin, "", "TextFilter.apply", end);
        }
    }

    private static List<Act> acts(int port) {
        return List.of(
                Act.ends("halt", "exit code 7"),
                Act.ends("exit", "exit code 0"),
                Act.ends("segfault", "SIGABRT"),
                Act.ends("spin", "went on with"),
                Act.ends("deadlock", "went on with"),
                Act.ends("heap-leak", "memory is full"),
                Act.ends("native-leak", "MEMORY limit reached"),
                Act.ends("fork", "PIDS limit reached"),
                Act.ends("thread-bomb", "PIDS limit reached"),
                new Act("peek", "/etc/passwd", "NoSuchFileException", ""),
                new Act("dial-out", "127.0.0.1:" + port, "Connection refused", ""),
                Act.ends("flood", "OUTPUT limit reached"),
                Act.ends("garbage", "a frame of"),
                Act.ends("oversize", "a frame of"),
                Act.ends("liar", "a second answer"),
                new Act("windbag", "", "and may have", ""),
                new Act("burglar", "of the host", "is not offered here", ""));
    }

    /// @return whether that came of it which must
    private static boolean show(Plugin plugin, Act act, Journal journal, Neighbour neighbour)
            throws InterruptedException {
        String id = plugin.id();
        long calls = neighbour.calls();
        long failures = neighbour.failures();
        journal.awaitStart(id, 1, Duration.ofSeconds(30));
        TextFilter filter = plugin.extension(TextFilter.class);
        String call = outcome(filter, act.argument);
        Optional<PluginEvent.Ended> end =
                act.end.isEmpty() ? Optional.empty() : journal.awaitEnd(id, SETTLE);
        if (end.isPresent()) {
            journal.awaitStart(id, 2, SETTLE);
        } else {
            // Who lives on answers again.
            outcome(filter, act.argument);
            end = journal.awaitEnd(id, Duration.ZERO);
        }
        System.out.printf("%-12s  %-52s  call: %s%n", id, plugin.manifest().description(), call);
        String ended = end.map(e -> e.cause().text()).orElse("lives on");
        line("end: " + ended);
        line(
                "restarts: %d; calls of %s meanwhile: %d, failed: %d"
                        .formatted(
                                Math.max(0, journal.starts(id) - 1),
                                neighbour.id(),
                                neighbour.calls() - calls,
                                neighbour.failures() - failures));
        journal.refusals(id).forEach(what -> line("refused: " + what));
        journal.firstLine(id).ifPresent(line -> line("wrote: " + line));
        boolean right =
                call.contains(act.call)
                        && (act.end.isEmpty() ? end.isEmpty() : ended.contains(act.end));
        if (!right) {
            line("WRONG: must be %s, %s".formatted(act.call, act.end));
        }
        return right;
    }

    private static void line(String text) {
        System.out.printf("%-12s  %-52s  %s%n", "", "", text);
    }

    private static String outcome(TextFilter filter, String argument) {
        try {
            return "returned \"%s\"".formatted(filter.apply(argument));
        } catch (CallException e) {
            return e.getMessage();
        }
    }
}
