package io.cloister.sandbox.spring.metrics;

import io.micrometer.observation.transport.SenderContext;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The context of an observation of a run. As a message that is sent, it carries the ids of the
/// trace: whatever format is configured for tracing, as environment variables. `traceparent` is
/// `TRACEPARENT`, `X-B3-TraceId` is `X_B3_TRACEID`.
public final class SandboxRunContext extends SenderContext<Map<String, String>> {
    private final String profile;
    private final String program;
    private final Map<String, String> environment = new LinkedHashMap<>();

    SandboxRunContext(String profile, String program) {
        super((carrier, key, value) -> {
            if (carrier != null) {
                carrier.put(key.toUpperCase(Locale.ROOT).replace('-', '_'), value);
            }
        });
        this.profile = profile;
        this.program = program;
        setCarrier(environment);
    }

    /// {@return the profile of the sandbox}
    public String profile() {
        return profile;
    }

    /// {@return the program of the command}
    public String program() {
        return program;
    }

    Map<String, String> environment() {
        return Map.copyOf(environment);
    }
}
