package io.cloister.sandbox.json;

import org.jspecify.annotations.Nullable;

/// A refusal whose message names the place already.
final class Refusal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Refusal(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
