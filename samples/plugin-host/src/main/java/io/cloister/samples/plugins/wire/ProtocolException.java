package io.cloister.samples.plugins.wire;

import java.io.IOException;

/// The other end said something that no honest end says. The connection is of no more use.
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    /// @param message what it said, and what was expected
    public ProtocolException(String message) {
        super(message);
    }
}
