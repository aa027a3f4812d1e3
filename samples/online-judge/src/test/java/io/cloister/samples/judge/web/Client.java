package io.cloister.samples.judge.web;

import io.cloister.samples.judge.JudgeExtension;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.stream.Stream;

/// Talks to the application as any client does.
record Client(JudgeExtension judge, HttpClient http) {

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + judge.property("local.server.port") + path));
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<Stream<String>> lines(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofLines());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    HttpResponse<String> post(String path, BodyPublisher body)
            throws IOException, InterruptedException {
        return send(to(path).header("Content-Type", "application/json").POST(body));
    }

    HttpResponse<String> rejudge(String location) throws IOException, InterruptedException {
        return send(
                to(location + "/rejudge")
                        .header("Authorization", "Bearer secret")
                        .POST(BodyPublishers.noBody()));
    }

    HttpResponse<String> submit(Map<String, String> submission)
            throws IOException, InterruptedException {
        return post(
                "/submissions",
                BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(submission)));
    }

    HttpResponse<String> submit(String source) throws IOException, InterruptedException {
        return submit(Map.of("problem", "sum", "language", "python", "source", source));
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
