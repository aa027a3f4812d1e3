package io.cloister.sandbox.linux.cgroup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntBiFunction;
import java.util.stream.Collectors;

/// What is written to the files of a group, so that only differences are written again. Not
/// thread-safe.
final class Settings {

    private final ToIntBiFunction<String, String> writer;
    private final Map<String, Setting> written = new LinkedHashMap<>();

    /// @param writer writes a text to a file; returns a number >= 0, or -errno
    Settings(ToIntBiFunction<String, String> writer) {
        this.writer = writer;
    }

    /// What was written last for a key.
    Optional<String> written(String key) {
        return Optional.ofNullable(written.get(key)).map(Setting::value);
    }

    /// Takes away what is not in `wanted`, then writes what is new or different, in order.
    ///
    /// @return what could not be written
    /// @throws CgroupException if an older limit could not be taken away
    List<Unmet> apply(List<Setting> wanted) {
        Map<String, Setting> byKey =
                wanted.stream().collect(Collectors.toMap(Setting::key, setting -> setting));
        for (Setting old : List.copyOf(written.values()).reversed()) {
            Setting now = byKey.get(old.key());
            if (now == null || now.unsetFirst() && !now.value().equals(old.value())) {
                unset(old);
            }
        }
        List<Unmet> unmet = new ArrayList<>();
        for (Setting setting : wanted) {
            if (!written(setting.key()).equals(Optional.of(setting.value()))) {
                write(setting, unmet);
            }
        }
        return unmet;
    }

    private void unset(Setting old) {
        int result = writer.applyAsInt(old.file(), old.unset());
        if (result < 0) {
            throw new CgroupException(old.file(), old.unset(), -result);
        }
        written.remove(old.key());
    }

    private void write(Setting setting, List<Unmet> unmet) {
        int result = writer.applyAsInt(setting.file(), setting.value());
        if (result >= 0) {
            written.put(setting.key(), setting);
        } else {
            unmet.add(new Unmet(setting.kind(), setting.file(), setting.value(), -result));
        }
    }
}
