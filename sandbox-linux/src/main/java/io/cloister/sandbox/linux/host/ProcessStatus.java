package io.cloister.sandbox.linux.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Who this JVM is (proc_pid_status(5)).
///
/// @param uid the effective user
/// @param gid the effective group
/// @param capabilities the effective capabilities, a bit each
/// @param initialUserNamespace whether its ids are the host's own
record ProcessStatus(int uid, int gid, long capabilities, boolean initialUserNamespace) {

    private static final long ALL_IDS = 4294967295L;

    static ProcessStatus self() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
            String[] map = Files.readString(Path.of("/proc/self/uid_map")).strip().split("\\s+");
            boolean initial =
                    map.length == 3
                            && map[0].equals("0")
                            && map[1].equals("0")
                            && Long.parseLong(map[2]) == ALL_IDS;
            return new ProcessStatus(
                    Integer.parseInt(field(lines, "Uid:")[1]),
                    Integer.parseInt(field(lines, "Gid:")[1]),
                    Long.parseUnsignedLong(field(lines, "CapEff:")[0], 16),
                    initial);
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/status must be readable", e);
        }
    }

    private static String[] field(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("/proc/self/status has no " + name))
                .substring(name.length())
                .strip()
                .split("\\s+");
    }

    boolean hasCapability(int number) {
        return (capabilities >> number & 1) != 0;
    }
}
