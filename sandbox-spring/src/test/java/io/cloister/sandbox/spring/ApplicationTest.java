package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.micrometer.core.instrument.MeterRegistry;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A whole application with a web server and the actuator: a request runs a command, and health,
/// the endpoint and the meters tell of it.
@Tag("kernel")
@Timeout(120)
class ApplicationTest {
    private static @Nullable ConfigurableApplicationContext started;

    @SpringBootApplication
    @RestController
    static class Application {
        private final Sandbox judge;
        private final SandboxPool pool;

        Application(@Qualifier("judge") Sandbox judge, @Qualifier("judge") SandboxPool pool) {
            this.judge = judge;
            this.pool = pool;
        }

        @GetMapping("/answer")
        String answer() throws InterruptedException {
            return judge.run("sh", "-c", "echo $((6 * 7)); id -u").stdoutText();
        }

        @GetMapping("/pooled")
        String pooled() throws InterruptedException {
            return pool.run(Command.of("echo", "pooled")).stdoutText();
        }

        @GetMapping("/greedy")
        String greedy() throws InterruptedException {
            return judge.run(Command.of("sh", "-c", "while :; do :; done")).outcome().toString();
        }
    }

    @BeforeAll
    static void start() {
        Host.needsSandboxes();
        started =
                SpringApplication.run(
                        Application.class,
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--management.endpoints.web.exposure.include=health,sandbox,metrics",
                        "--management.endpoint.health.show-details=always",
                        "--sandbox.profiles.judge.preset=judge",
                        "--sandbox.profiles.judge.memory-limit=256MB",
                        "--sandbox.profiles.judge.wall-time-limit=2s",
                        "--sandbox.profiles.judge.best-effort=memory,pids,cpu-time",
                        "--sandbox.profiles.judge.pool.size=1",
                        "--sandbox.budget.memory=4GB");
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    private static ConfigurableApplicationContext context() {
        return Objects.requireNonNull(started);
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        int port =
                Objects.requireNonNull(((WebServerApplicationContext) context()).getWebServer())
                        .getPort();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static JsonNode json(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private static double count(String outcome) {
        MeterRegistry meters = context().getBean(MeterRegistry.class);
        var timer =
                meters.find("sandbox.runs").tags("profile", "judge", "outcome", outcome).timer();
        return timer == null ? 0 : timer.count();
    }

    /// The end of a run is told aside, so meters follow a moment later.
    private static void awaitCount(String outcome, double count) throws InterruptedException {
        while (count(outcome) < count) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void aRequestRunsACommandAndTheMetersMove() throws Exception {
        double before = count("success");

        assertThat(get("/answer").body()).isEqualTo("42\n1000\n");
        awaitCount("success", before + 1);

        JsonNode meter = json("/actuator/metrics/sandbox.runs?tag=profile:judge");
        assertThat(meter.at("/availableTags").toString()).contains("outcome", "success");
        assertThat(
                        json("/actuator/metrics/sandbox.runs.cpu")
                                .at("/measurements/0/value")
                                .asDouble())
                .isPositive();
        assertThat(
                        json("/actuator/metrics/sandbox.runs.memory.peak")
                                .at("/measurements/1/value")
                                .asDouble())
                .isGreaterThan(100_000);
        // The observation makes a timer too.
        assertThat(json("/actuator/metrics/sandbox.run").at("/measurements/0/value").asDouble())
                .isPositive();
    }

    @Test
    void aLimitIsAnOutcomeOfItsOwn() throws Exception {
        assertThat(get("/greedy").body()).isEqualTo("LimitReached[limit=WALL_TIME]");
        awaitCount("wall-time-limit", 1);
    }

    @Test
    void poolsAndTheBudgetHaveMeters() throws Exception {
        assertThat(get("/pooled").body()).isEqualTo("pooled\n");

        assertThat(
                        json("/actuator/metrics/sandbox.pool.leases")
                                .at("/measurements/0/value")
                                .asInt())
                .isPositive();
        for (String meter : new String[] {"idle", "leased", "waiting", "discarded"}) {
            assertThat(get("/actuator/metrics/sandbox.pool." + meter).statusCode()).isEqualTo(200);
        }
        // The sandbox of the pool has the memory of its profile.
        assertThat(
                        json("/actuator/metrics/sandbox.budget.memory")
                                .at("/measurements/0/value")
                                .asLong())
                .isGreaterThanOrEqualTo(256L << 20);
    }

    @Test
    void healthTellsOfTheHostAndTheLastLaunch() throws Exception {
        assertThat(get("/answer").statusCode()).isEqualTo(200);

        JsonNode health = json("/actuator/health").at("/components/sandbox");
        assertThat(health.at("/status").asString()).isEqualTo("UP");
        assertThat(health.at("/details/system").asString()).startsWith("Linux");
        assertThat(health.at("/details/lastProfile").asString()).isEqualTo("judge");
        assertThat(health.at("/details/lastLaunch").asString()).startsWith("20");
    }

    @Test
    void theEndpointTellsOfProfilesAndOfWhatRuns() throws Exception {
        Sandbox judge = context().getBean("judgeSandbox", Sandbox.class);
        SandboxProcess process = judge.start(Command.of("sleep", "a secret".length() + ""));
        try {
            JsonNode all = json("/actuator/sandbox");

            assertThat(all.at("/host/canRun").asBoolean()).isTrue();
            assertThat(all.at("/host/features/0/name").asString()).isNotEmpty();
            JsonNode profile = all.at("/profiles/judge");
            assertThat(profile.at("/policy/syscalls").asString()).isEqualTo("judge");
            assertThat(profile.at("/policy/memoryBytes").asLong()).isEqualTo(256L << 20);
            assertThat(profile.at("/policy/sharedWithHost").isEmpty()).isTrue();
            assertThat(profile.at("/policy/bestEffort").toString()).contains("memory", "cpuTime");
            assertThat(profile.at("/pool/failedOpenings").asInt()).isZero();
            assertThat(profile.at("/active").asInt()).isPositive();
            assertThat(all.at("/running").toString())
                    .contains("\"program\":\"sleep\"", "\"pid\":" + process.pid())
                    .doesNotContain("\"8\"");
            assertThat(all.at("/budget").asString()).contains("of 4 GiB");
        } finally {
            process.cancel();
        }
    }
}
