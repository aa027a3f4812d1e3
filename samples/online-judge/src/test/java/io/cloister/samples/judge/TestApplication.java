package io.cloister.samples.judge;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.Map;
import java.util.TreeMap;

/// The application with [PythonJudge].
public final class TestApplication {
    private static final Map<String, String> PROPERTIES =
            Map.ofEntries(
                    Map.entry("server.port", "0"),
                    Map.entry("judge.cache", "target/cache"),
                    Map.entry("judge.pause", "50ms"),
                    Map.entry("judge.rest", "500ms"),
                    Map.entry("judge.administrator-token", "secret"),
                    Map.entry("db-scheduler.polling-interval", "500ms"),
                    Map.entry("db-scheduler.heartbeat-interval", "250ms"),
                    Map.entry("db-scheduler.missed-heartbeats-limit", "4"),
                    Map.entry("sandbox.profiles.python.preset", "judge"),
                    Map.entry("sandbox.profiles.python.wall-time-limit", "10s"),
                    Map.entry("sandbox.profiles.python.pool.size", "2"));

    private TestApplication() {}

    /// Starts it in a JVM of its own.
    ///
    /// @param properties more properties, as in `judge.role=worker`
    public static void main(String[] properties) {
        start(properties);
    }

    /// Starts it.
    ///
    /// @param properties more properties, as in `judge.role=worker`
    /// @return to be closed
    public static ConfigurableApplicationContext start(String... properties) {
        Map<String, String> all = new TreeMap<>(PROPERTIES);
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            all.put(parts[0], parts[1]);
        }
        // In this order: the application has a judge of its own if there is none.
        return new SpringApplication(PythonJudge.Configuration.class, JudgeApplication.class)
                .run(
                        all.entrySet().stream()
                                .map(each -> "--" + each.getKey() + "=" + each.getValue())
                                .toArray(String[]::new));
    }
}
