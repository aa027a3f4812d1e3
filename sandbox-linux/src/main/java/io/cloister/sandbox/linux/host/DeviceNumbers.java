package io.cloister.sandbox.linux.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/// Makes sure that a name below /dev is the device that it says.
final class DeviceNumbers {

    private static final int S_IFMT = 0xf000;
    private static final int S_IFCHR = 0x2000;

    /// major << 8 | minor, as st_rdev has small numbers (devices.txt of the kernel).
    private static final Map<String, Long> NUMBERS =
            Map.of(
                    "null", 0x103L,
                    "zero", 0x105L,
                    "full", 0x107L,
                    "random", 0x108L,
                    "urandom", 0x109L,
                    "tty", 0x500L);

    private DeviceNumbers() {}

    /// Whether `path` is the character device of its name, and no link.
    static boolean isCharacterDevice(Path path) {
        try {
            Map<String, Object> attributes =
                    Files.readAttributes(path, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
            int mode = (Integer) attributes.get("mode");
            return (mode & S_IFMT) == S_IFCHR
                    && attributes.get("rdev").equals(NUMBERS.get(path.getFileName().toString()));
        } catch (IOException e) {
            return false;
        }
    }
}
