package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxException;

/// The launcher was killed before it took a request. Nothing was started; it can be tried again
/// with a new one.
final class LauncherEndedException extends SandboxException {

    private static final long serialVersionUID = 1;

    LauncherEndedException() {
        super("the launcher was killed");
    }
}
