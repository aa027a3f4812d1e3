package io.cloister.sandbox.linux.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Whether the host can swap at all.
final class SwapSpace {

    private SwapSpace() {}

    /// Whether there is no swap space: then any limit on it holds, also on a kernel that does not
    /// count it per group.
    static boolean isNone() {
        try {
            // The first line is a heading.
            List<String> lines = Files.readAllLines(Path.of("/proc/swaps"));
            return lines.size() <= 1;
        } catch (IOException e) {
            // A kernel that can't swap has no such file; where it is merely hidden, nothing is
            // proven.
            return false;
        }
    }
}
