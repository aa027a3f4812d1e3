package io.cloister.samples.judge.web;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.web.Client.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;

import io.cloister.samples.judge.JudgeExtension;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The judge as its clients see it.
@Tag("kernel")
@Timeout(120)
class WebTest {
    @RegisterExtension static final JudgeExtension JUDGE = new JudgeExtension("judge.streams=2");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Client client = new Client(JUDGE, HTTP);

    @AfterAll
    static void close() {
        HTTP.close();
    }

    /// Reads the stream to its end, which is the verdict.
    private List<String> follow(String location, String lastEventId) throws Exception {
        var request = client.to(location + "/events").header("Last-Event-ID", lastEventId);
        try (var lines = client.lines(request).body()) {
            return lines.filter(line -> !line.isEmpty()).toList();
        }
    }

    private static List<String> of(List<String> lines, String field) {
        return lines.stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .toList();
    }

    private String submitted(String source) throws Exception {
        HttpResponse<String> response = client.submit(source);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return response.headers().firstValue("Location").orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    print(sum(map(int, input().split()))) | AC | ''          | 3
                    print(3)                              | WA | expected 30 | 2
                    exit(4)                               | RE | Exited      | 1
                    """)
    void aSubmissionIsJudged(String source, String verdict, String cause, int tests)
            throws Exception {
        String location = submitted(source);
        follow(location, "0");

        JsonNode shown = json(client.get(location));
        assertThat(shown.at("/state").asString()).isEqualTo("JUDGED");
        assertThat(shown.at("/verdict").asString()).isEqualTo(verdict);
        assertThat(shown.at("/source").asString()).isEqualTo(source);
        assertThat(shown.at("/tests").size()).isEqualTo(tests);
        assertThat(shown.at("/tests/0/cpuMillis").asLong()).isPositive();
        assertThat(shown.at("/result/cause").asString()).contains(cause);
    }

    @Test
    void eventsComeAsTheyHappenAndResumeAfterTheLastOneSeen() throws Exception {
        String location = submitted("import time; time.sleep(0.3); " + SUM);

        List<String> all = follow(location, "0");
        assertThat(of(all, "event"))
                .containsExactly("queued", "started", "tested", "tested", "tested", "judged");
        assertThat(of(all, "data").get(2))
                .contains("\"number\":1", "\"of\":3", "\"verdict\":\"AC\"");
        List<String> ids = of(all, "id");

        List<String> rest = follow(location, ids.get(3));
        assertThat(of(rest, "id")).isEqualTo(ids.subList(4, 6));
        assertThat(of(rest, "event")).containsExactly("tested", "judged");

        var end = client.to(location + "/events").header("Last-Event-ID", ids.getLast());
        assertThat(client.send(end).statusCode()).isEqualTo(204);
    }

    @Test
    void aRejudgeGoesOnWhereTheEventsEnded() throws Exception {
        String location = submitted(SUM);
        String last = of(follow(location, "0"), "id").getLast();

        assertThat(client.rejudge(location).statusCode()).isEqualTo(202);
        assertThat(json(client.get(location)).at("/verdict").asString()).isEqualTo("AC");
        assertThat(of(follow(location, last), "event"))
                .containsExactly("queued", "started", "tested", "tested", "tested", "judged");
        assertThat(json(client.get(location)).at("/round").asInt()).isEqualTo(2);
    }

    @Test
    void soManyClientsFollowAndNoMore() throws Exception {
        String location = submitted("import time; time.sleep(0.5); " + SUM);
        var request = client.to(location + "/events");
        try (var _ = client.lines(request).body();
                var _ = client.lines(request).body()) {
            assertThat(client.send(request).statusCode()).isEqualTo(503);
        }
        // Those two have left before the verdict, which is found when something is sent to them.
        while (client.send(request).statusCode() == 503) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Test
    void onlyTheAdministratorHasItJudgedAgain() throws Exception {
        String location = submitted(SUM);
        follow(location, "0");
        var nobody = client.to(location + "/rejudge").POST(BodyPublishers.noBody());
        assertThat(client.send(nobody).statusCode()).isEqualTo(401);
        var other = nobody.header("Authorization", "Bearer secre");
        assertThat(client.send(other).statusCode()).isEqualTo(401);
        assertThat(json(client.get(location)).at("/round").asInt()).isEqualTo(1);
    }

    @Test
    void itsOwnExampleIsTaken() throws Exception {
        JsonNode fields =
                json(client.get("/v3/api-docs"))
                        .at("/components/schemas/SubmissionRequest/properties");
        Map<String, String> example = new HashMap<>();
        for (String name : fields.propertyNames()) {
            example.put(name, fields.at("/" + name + "/example").asString());
        }
        HttpResponse<String> response = client.submit(example);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        follow(response.headers().firstValue("Location").orElseThrow(), "0");
    }

    @Test
    void aFloodOfRequestsLeavesConnectionsToWorkers() throws Exception {
        HikariPoolMXBean connections = JUDGE.bean(HikariDataSource.class).getHikariPoolMXBean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 64; i++) {
                threads.submit(() -> {
                    for (int j = 0; j < 10; j++) {
                        client.get("/submissions?limit=100");
                    }
                    return null;
                });
            }
            threads.shutdown();
            while (!threads.awaitTermination(1, TimeUnit.MILLISECONDS)) {
                // At most all who may have one, while the pool grows.
                assertThat(connections.getThreadsAwaitingConnection())
                        .isLessThanOrEqualTo(8 + 2 + 6);
            }
        }
    }

    @Test
    void whatIsNotJudgedYetIsNotRejudged() throws Exception {
        String location = submitted("import time; time.sleep(1); " + SUM);
        HttpResponse<String> response = client.rejudge(location);
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(json(response).at("/detail").asString()).endsWith("waits for a verdict");
        follow(location, "0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    problem  | product | 422 | there is no problem "product" | ["sum"]
                    language | ruby    | 422 | there is no language "ruby"   | ["python"]
                    source   | ''      | 400 | the field "source" is missing | ''
                    problem  | ' '     | 400 | the field "problem" is missing | ''
                    """)
    void whatIsWrongIsSaidAsAProblem(
            String field, String value, int status, String detail, String known) throws Exception {
        Map<String, String> fields =
                new HashMap<>(Map.of("problem", "sum", "language", "python", "source", SUM));
        fields.put(field, value);

        HttpResponse<String> response = client.submit(fields);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(json(response).at("/detail").asString()).isEqualTo(detail);
        assertThat(json(response).at("/field").asString()).isEqualTo(field);
        assertThat(json(response).at("/known").toString()).isEqualTo(known);
    }

    @Test
    void aSourceIsBoundedText() throws Exception {
        assertThat(client.submit("#".repeat(64 * 1024)).statusCode()).isEqualTo(201);
        HttpResponse<String> longer = client.submit("#".repeat(64 * 1024 + 1));
        assertThat(longer.statusCode()).isEqualTo(413);
        assertThat(json(longer).at("/detail").asString())
                .isEqualTo("the source has 65537 bytes, and may have 65536");
        assertThat(client.submit("#".repeat(1 << 20)).statusCode()).isEqualTo(413);
        assertThat(client.submit("print('\0')").statusCode()).isEqualTo(422);
        HttpResponse<String> half =
                client.post(
                        "/submissions",
                        BodyPublishers.ofString(
                                """
                                {"problem":"sum","language":"python","source":"\\ud800"}
                                """));
        assertThat(half.statusCode()).isEqualTo(422);
    }

    @Test
    void aBodyWithoutALengthOrAMeaningIsRefused() throws Exception {
        var endless = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[9]));
        assertThat(client.post("/submissions", endless).statusCode()).isEqualTo(411);
        assertThat(client.post("/submissions", BodyPublishers.ofString("{")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void whatThereIsNotIsNotFound() throws Exception {
        for (String path : List.of("/submissions/999999", "/submissions/999999/events")) {
            HttpResponse<String> response = client.get(path);
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(json(response).at("/detail").asString())
                    .isEqualTo("there is no submission 999999");
        }
        assertThat(client.get("/submissions/one").statusCode()).isEqualTo(400);
        assertThat(client.get("/submissions?limit=0").statusCode()).isEqualTo(400);
    }

    @Test
    void pagesLeadFromOneToTheNext() throws Exception {
        String older = submitted(SUM);
        String newer = submitted(SUM);
        JsonNode first = json(client.get("/submissions?limit=1"));
        assertThat(newer).endsWith("/" + first.at("/submissions/0/id").asString());
        JsonNode second = json(client.get(first.at("/next").asString()));
        assertThat(older).endsWith("/" + second.at("/submissions/0/id").asString());
        assertThat(json(client.get("/submissions?before=1")).at("/next").isNull()).isTrue();
        follow(newer, "0");
        follow(older, "0");
    }

    @Test
    void theCatalogueNamesWhatMaySubmissionsName() throws Exception {
        assertThat(client.get("/problems").body()).isEqualTo("[\"sum\"]");
        assertThat(client.get("/languages").body()).isEqualTo("[\"python\"]");
    }

    @Test
    void itDescribesItselfAndItsHealth() throws Exception {
        JsonNode description = json(client.get("/v3/api-docs"));
        JsonNode paths = description.at("/paths");
        assertThat(paths.propertyNames())
                .containsExactlyInAnyOrder(
                        "/submissions",
                        "/submissions/{id}",
                        "/submissions/{id}/events",
                        "/submissions/{id}/rejudge",
                        "/problems",
                        "/languages");
        for (JsonNode path : paths) {
            for (JsonNode operation : path) {
                assertThat(operation.at("/summary").asString()).isNotEmpty();
                assertThat(operation.at("/description").asString()).isNotEmpty();
            }
        }
        assertThat(paths.at("/~1submissions/post/responses").propertyNames())
                .contains("201", "400", "413", "422", "503");

        JsonNode health = json(client.get("/actuator/health"));
        for (String part : List.of("db", "dbScheduler", "sandbox", "worker")) {
            assertThat(health.at("/components/" + part + "/status").asString()).isEqualTo("UP");
        }
        assertThat(client.get("/actuator/metrics/sandbox.runs").statusCode()).isEqualTo(200);
    }
}
