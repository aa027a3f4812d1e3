package io.cloister.samples.cli;

import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.SandboxResult;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// The file of `--report`.
///
/// It is opened before the command runs and written to through the same descriptor afterwards: what
/// a command puts in its place meanwhile, such as a link, is not followed.
final class Report implements Closeable {
    private static final long NANOS_PER_MICRO = 1000;

    private final Path path;
    private final OutputStream file;

    private Report(Path path, OutputStream file) {
        this.path = path;
        this.file = file;
    }

    /// Creates or empties the file.
    static Report open(Path path) throws IOException {
        return new Report(path, Files.newOutputStream(path));
    }

    /// Writes how a run ended.
    void write(SandboxResult result) {
        write(json -> result(json, result));
    }

    /// Writes why a command did not run.
    void write(String error) {
        write(json -> {
            json.writeStartObject();
            json.writeStringProperty("error", error);
            json.writeEndObject();
        });
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(JsonGenerator json);
    }

    private void write(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json =
                new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            content.writeTo(json);
        }
        try {
            file.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("--report: cannot write " + path, e);
        }
    }

    private static void result(JsonGenerator json, SandboxResult result) {
        json.writeStartObject();
        json.writeName("outcome");
        outcome(json, result.outcome());
        json.writeName("usage");
        usage(json, result.usage());
        json.writeArrayPropertyStart("enforced");
        result.enforced().forEach(item -> json.writeString(item.toString()));
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void outcome(JsonGenerator json, Outcome outcome) {
        json.writeStartObject();
        json.writeStringProperty("type", outcome.getClass().getSimpleName());
        switch (outcome) {
            case Outcome.Exited(int code) -> json.writeNumberProperty("code", code);
            case Outcome.Signalled(var signal) ->
                    json.writeNumberProperty("signal", signal.number());
            case Outcome.LimitReached(var limit) -> json.writeStringProperty("limit", limit.name());
            case Outcome.PolicyViolated(String call) -> json.writeStringProperty("call", call);
            case Outcome.Cancelled _ -> {}
        }
        json.writeEndObject();
    }

    private static void usage(JsonGenerator json, ResourceUsage usage) {
        json.writeStartObject();
        json.writeNumberProperty("cpuTimeMicros", micros(usage.cpuTime()));
        json.writeNumberProperty("userTimeMicros", micros(usage.userTime()));
        json.writeNumberProperty("systemTimeMicros", micros(usage.systemTime()));
        json.writeNumberProperty("wallTimeMicros", micros(usage.wallTime()));
        usage.peakMemory()
                .ifPresent(size -> json.writeNumberProperty("peakMemoryBytes", size.value()));
        json.writeEndObject();
    }

    private static long micros(Duration time) {
        return time.toNanos() / NANOS_PER_MICRO;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
