package io.cloister.sandbox.linux.host;

import java.util.List;
import java.util.Optional;

/// Who the JVM is, and with what rights (proc_pid_status(5), user_namespaces(7)).
///
/// @param uid the effective user
/// @param capabilities the effective capabilities, a bit each
/// @param initial whether its ids are those of the host, not of a user namespace
/// @param filtered whether a system call filter of its surroundings holds for it
record Account(long uid, long capabilities, boolean initial, boolean filtered) {

    private static final int CAP_SETGID = 6;
    private static final int CAP_SETUID = 7;
    private static final int CAP_SETPCAP = 8;
    private static final int CAP_SYS_ADMIN = 21;
    private static final String WHOLE_MAP = "0 0 4294967295";

    /// Reads it; what cannot be read counts as no right.
    static Account of(HostView host) {
        String status = host.text("/proc/self/status").orElse("");
        List<String> uids = words(field(status, "Uid").orElse(""));
        boolean initial =
                host.text("/proc/self/uid_map")
                        .map(map -> String.join(" ", words(map)).equals(WHOLE_MAP))
                        .orElse(false);
        return new Account(
                uids.size() > 1 ? Long.parseLong(uids.get(1)) : -1,
                field(status, "CapEff").map(hex -> Long.parseUnsignedLong(hex, 16)).orElse(0L),
                initial,
                field(status, "Seccomp").map(mode -> mode.equals("2")).orElse(false));
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }

    private static Optional<String> field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    /// Whether sandboxes get host users of their own.
    boolean privileged() {
        return uid == 0 && initial && has(CAP_SETGID) && has(CAP_SETUID);
    }

    /// Whether it may mount.
    boolean mayMount() {
        return has(CAP_SYS_ADMIN);
    }

    /// Whether it may set securebits and empty bounding sets.
    boolean mayLock() {
        return has(CAP_SETPCAP);
    }

    private boolean has(int capability) {
        return (capabilities >> capability & 1) != 0;
    }
}
