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
import java.util.LinkedHashMap;
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
            for (Map.Entry<String, String> act : acts(listening.getLocalPort()).entrySet()) {
                try (Plugin plugin = host.load(built.plugin(act.getKey()))) {
                    show(plugin, act.getValue(), journal, neighbour);
                }
            }
            System.out.println();
            System.out.println(neighbour.summary());
            return neighbour.failures() == 0 ? 0 : 1;
        }
    }

    /// Hostile plugins, and what they are called with.
    private static Map<String, String> acts(int port) {
        Map<String, String> acts = new LinkedHashMap<>();
        for (String name :
                "halt exit segfault spin deadlock heap-leak native-leak fork thread-bomb"
                        .split(" ")) {
            acts.put(name, "");
        }
        acts.put("peek", "/etc/passwd");
        acts.put("dial-out", "127.0.0.1:" + port);
        for (String name : "flood garbage oversize liar windbag".split(" ")) {
            acts.put(name, "");
        }
        acts.put("burglar", "of the host");
        return acts;
    }

    private static void show(Plugin plugin, String argument, Journal journal, Neighbour neighbour)
            throws InterruptedException {
        String id = plugin.id();
        long before = neighbour.calls();
        journal.awaitStart(id, 1, Duration.ofSeconds(30));
        String call = outcome(plugin.extension(TextFilter.class), argument);
        // A second time for those that live on; it is the same to those that do not.
        Optional<PluginEvent.Ended> end = journal.awaitEnd(id, SETTLE.dividedBy(4));
        end.ifPresent(_ -> journal.awaitStart(id, 2, SETTLE));
        System.out.printf("%-12s  %-52s  call: %s%n", id, plugin.manifest().description(), call);
        String tail = "%-12s  %-52s  %s%n";
        System.out.printf(
                tail, "", "", "end: " + end.map(e -> e.cause().text()).orElse("lives on"));
        System.out.printf(
                tail,
                "",
                "",
                "restarts: %d; calls of %s meanwhile: %d, failed: %d"
                        .formatted(
                                Math.max(0, journal.starts(id) - 1),
                                neighbour.id(),
                                neighbour.calls() - before,
                                neighbour.failures()));
        journal.refusals(id).forEach(what -> System.out.printf(tail, "", "", "refused: " + what));
        journal.firstLine(id).ifPresent(line -> System.out.printf(tail, "", "", "wrote: " + line));
    }

    private static String outcome(TextFilter filter, String argument) {
        try {
            return "returned \"%s\"".formatted(filter.apply(argument));
        } catch (CallException e) {
            return e.getMessage();
        }
    }
}
