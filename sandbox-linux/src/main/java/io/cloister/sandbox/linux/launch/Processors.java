package io.cloister.sandbox.linux.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processors of the host, of which the JVM may be allowed fewer than a sandbox.
final class Processors {

    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");

    private Processors() {}

    /// How many are online.
    static int online() {
        if (!Files.isReadable(ONLINE)) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            return count(Files.readString(ONLINE).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How many a list such as `0-3,8` names; cpuset(7).
    static int count(String list) {
        int count = 0;
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
        }
        return count;
    }
}
