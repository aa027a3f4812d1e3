package io.cloister.samples.judge;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.Map;
import java.util.TreeMap;

/// The application with [PythonJudge].
public final class TestApplication {
    private static final Map<String, String> PROPERTIES =
            Map.of(
                    "server.port", "0",
                    "judge.cache", "target/cache",
                    "db-scheduler.heartbeat-interval", "250ms",
                    "db-scheduler.missed-heartbeats-limit", "4",
                    "sandbox.profiles.python.preset", "judge",
                    "sandbox.profiles.python.wall-time-limit", "10s",
                    "sandbox.profiles.python.pool.size", "2");

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
