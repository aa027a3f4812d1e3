package io.cloister.sandbox.linux.launch;

/// Where a launch is sent: a zygote, and the host user that it runs as.
interface Target {

    /// The zygote.
    Zygote zygote();

    /// The host user of the sandbox.
    int uid();

    /// The host group of the sandbox.
    int gid();

    /// To be called when the last process of the launch is gone.
    void released();

    /// A target that is shared: an ordinary user's zygote.
    record Shared(Zygote zygote, int uid, int gid) implements Target {
        @Override
        public void released() {}
    }
}
