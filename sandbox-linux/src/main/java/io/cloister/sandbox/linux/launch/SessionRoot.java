package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.files.RootAccess;

/// The root of a session, for its files. Whoever works there is in the session: what they write may
/// use up its memory. Thread-safe.
///
/// @param server the session's first process, which holds the root
record SessionRoot(SandboxRun server) implements RootAccess {

    @Override
    public int begin() {
        int root = server.processes().tryOpenRoot();
        if (root >= 0) {
            server.enter();
            server.begun();
        }
        return root;
    }

    @Override
    public void end() {
        server.leave();
        server.begun();
    }

    /// The root goes with the session.
    @Override
    public void close() {}
}
