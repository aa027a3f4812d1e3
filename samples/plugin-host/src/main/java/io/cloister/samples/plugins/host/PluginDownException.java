package io.cloister.samples.plugins.host;

import io.cloister.samples.plugins.wire.CallException;

/// A plugin can't be called: it waits for its restart, was given up, or has ended.
public final class PluginDownException extends CallException {
    private static final long serialVersionUID = 1;

    PluginDownException(String message) {
        super(message);
    }
}
