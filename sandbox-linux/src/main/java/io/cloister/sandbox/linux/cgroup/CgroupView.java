package io.cloister.sandbox.linux.cgroup;

import java.util.Optional;
import java.util.OptionalInt;

/// What is asked of the host about control groups: a few files, so that a test can be the host.
public interface CgroupView {

    /// The text of a small file; empty where there is none, or none that this process may read.
    Optional<String> text(String path);

    /// Whether there is something at `path`.
    boolean exists(String path);

    /// A system property of the JVM; empty text where it is not set.
    String property(String name);

    /// Whether this JVM may write the file, or make entries in the directory.
    boolean isWritable(String path);

    /// The user that a file belongs to.
    OptionalInt owner(String path);

    /// An extended attribute of the `user` namespace, without that prefix.
    Optional<String> attribute(String path, String name);

    /// The host that this JVM runs on.
    static CgroupView running() {
        return new RunningCgroupView();
    }
}
