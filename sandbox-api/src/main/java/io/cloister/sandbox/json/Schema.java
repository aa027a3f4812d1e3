package io.cloister.sandbox.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The schema of policies, which stands beside [io.cloister.sandbox.SandboxSpec].
final class Schema {
    /// The whole of it.
    static final String TEXT = read();

    private static final String NAME = "/io/cloister/sandbox/policy.schema.json";

    private Schema() {}

    private static String read() {
        try (InputStream stream = Schema.class.getResourceAsStream(NAME)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + NAME + " is missing");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + NAME, e);
        }
    }
}
