package io.cloister.samples.cli;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Pressure;
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
import java.util.Optional;

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
        json.writeArrayPropertyStart("evidence");
        result.evidence().forEach(item -> json.writeString(item.toString()));
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
        micros(json, "cpuTimeMicros", usage.cpuTime());
        micros(json, "userTimeMicros", usage.userTime());
        micros(json, "systemTimeMicros", usage.systemTime());
        micros(json, "wallTimeMicros", Optional.of(usage.wallTime()));
        bytes(json, "peakMemoryBytes", usage.peakMemory());
        memory(json, usage.memory());
        number(json, "minorFaults", usage.minorFaults());
        number(json, "majorFaults", usage.majorFaults());
        number(json, "voluntarySwitches", usage.voluntarySwitches());
        number(json, "involuntarySwitches", usage.involuntarySwitches());
        number(json, "processesPeak", usage.processesPeak());
        number(json, "processes", usage.processes());
        usage.io()
                .ifPresent(io -> {
                    json.writeObjectPropertyStart("io");
                    bytes(json, "readBytes", Optional.of(io.read()));
                    bytes(json, "writtenBytes", Optional.of(io.written()));
                    json.writeNumberProperty("readOperations", io.readOperations());
                    json.writeNumberProperty("writeOperations", io.writeOperations());
                    json.writeEndObject();
                });
        usage.throttling()
                .ifPresent(throttling -> {
                    json.writeObjectPropertyStart("throttling");
                    json.writeNumberProperty("periods", throttling.periods());
                    json.writeNumberProperty("throttledPeriods", throttling.throttledPeriods());
                    micros(json, "throttledTimeMicros", Optional.of(throttling.throttledTime()));
                    json.writeEndObject();
                });
        usage.pressure()
                .ifPresent(pressure -> {
                    json.writeObjectPropertyStart("pressure");
                    stall(json, "cpu", pressure.cpu());
                    stall(json, "memory", pressure.memory());
                    stall(json, "io", pressure.io());
                    json.writeEndObject();
                });
        usage.setUp()
                .ifPresent(times -> {
                    json.writeObjectPropertyStart("setUp");
                    micros(json, "prepareMicros", Optional.of(times.prepare()));
                    micros(json, "createMicros", Optional.of(times.create()));
                    micros(json, "isolateMicros", Optional.of(times.isolate()));
                    micros(json, "executeMicros", Optional.of(times.execute()));
                    json.writeEndObject();
                });
        json.writeEndObject();
    }

    private static void memory(JsonGenerator json, MemoryUsage memory) {
        json.writeObjectPropertyStart("memory");
        bytes(json, "currentBytes", memory.current());
        bytes(json, "anonymousBytes", memory.anonymous());
        bytes(json, "fileBytes", memory.file());
        bytes(json, "kernelBytes", memory.kernel());
        bytes(json, "sharedBytes", memory.shared());
        bytes(json, "swapBytes", memory.swap());
        json.writeEndObject();
    }

    private static void stall(JsonGenerator json, String name, Pressure.Stall stall) {
        json.writeObjectPropertyStart(name);
        micros(json, "someMicros", Optional.of(stall.some()));
        micros(json, "fullMicros", Optional.of(stall.full()));
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, Optional<Long> number) {
        number.ifPresent(value -> json.writeNumberProperty(name, value));
    }

    private static void bytes(JsonGenerator json, String name, Optional<Bytes> size) {
        number(json, name, size.map(Bytes::value));
    }

    private static void micros(JsonGenerator json, String name, Optional<Duration> time) {
        number(json, name, time.map(value -> value.toNanos() / NANOS_PER_MICRO));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
