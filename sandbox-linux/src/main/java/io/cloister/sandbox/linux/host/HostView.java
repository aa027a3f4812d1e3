package io.cloister.sandbox.linux.host;

import java.util.Optional;

/// What the report is made from: all that stands between its reasoning and the running host.
interface HostView {

    /// The text of a small file; empty where there is none, or none that this process may read.
    Optional<String> text(String path);

    /// Whether there is something at `path`.
    boolean exists(String path);

    /// A system property of the JVM; empty text where it is not set.
    String property(String name);

    /// Where a program is on `PATH`.
    Optional<String> program(String name);

    /// The number that a file holds and nothing else, as sysctls do.
    default Optional<Long> number(String path) {
        return text(path)
                .map(String::strip)
                .filter(s -> s.matches("-?[0-9]{1,18}"))
                .map(Long::parseLong);
    }
}
