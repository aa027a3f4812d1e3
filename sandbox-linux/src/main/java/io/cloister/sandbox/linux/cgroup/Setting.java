package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.LimitKind;

/// One limit as it is written to a file.
///
/// @param kind the limit
/// @param file the name of the file
/// @param entry where the file has one entry for each device, the device; else empty
/// @param value what to write
/// @param unset what to write to take the limit away
/// @param unsetFirst whether a change goes by way of no limit, because the kernel checks the value
///   against another one that changes too
record Setting(
        LimitKind kind, String file, String entry, String value, String unset, boolean unsetFirst) {

    static Setting of(LimitKind kind, String file, Object value, String unset) {
        return new Setting(kind, file, "", value.toString(), unset, false);
    }

    Setting throughUnset() {
        return new Setting(kind, file, entry, value, unset, true);
    }

    /// What the setting is about: the file, or its entry.
    String key() {
        return entry.isEmpty() ? file : file + " " + entry;
    }
}
