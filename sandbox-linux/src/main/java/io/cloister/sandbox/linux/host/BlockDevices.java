package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.policy.DeviceIo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Finds the block device that a path means.
public final class BlockDevices {

    private static final int BLOCK_DEVICE = 060000;
    private static final int TYPE = 0170000;

    private BlockDevices() {}

    /// What the kernel is to be told of `device`: limits are those of a whole disk, never of a
    /// partition.
    ///
    /// @throws IllegalArgumentException if there is no disk at or below it
    public static CgroupLimits.IoMax limits(DeviceIo device) {
        long number = whole(device.device(), number(device.device()));
        return new CgroupLimits.IoMax(
                major(number),
                minor(number),
                device.readPerSecond().map(Bytes::value),
                device.writePerSecond().map(Bytes::value),
                device.readOperationsPerSecond(),
                device.writeOperationsPerSecond());
    }

    /// `st_rdev` of a block device, `st_dev` of anything else.
    private static long number(Path path) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            boolean isDevice = (mode & TYPE) == BLOCK_DEVICE;
            return (long) Files.getAttribute(path, isDevice ? "unix:rdev" : "unix:dev");
        } catch (NoSuchFileException e) {
            throw wrong(path, "there is no such file");
        } catch (IOException e) {
            throw wrong(path, e.toString());
        }
    }

    private static long whole(Path path, long number) {
        Path entry = Path.of("/sys/dev/block/" + major(number) + ":" + minor(number));
        if (!Files.exists(entry)) {
            throw wrong(path, "device %d:%d is no disk".formatted(major(number), minor(number)));
        }
        try {
            if (!Files.exists(entry.resolve("partition"))) {
                return number;
            }
            String[] parent =
                    Files.readString(entry.toRealPath().getParent().resolve("dev"))
                            .strip()
                            .split(":");
            return number(Integer.parseInt(parent[0]), Integer.parseInt(parent[1]));
        } catch (IOException e) {
            throw wrong(path, e.toString());
        }
    }

    private static IllegalArgumentException wrong(Path path, String why) {
        return new IllegalArgumentException(
                "io of %s cannot be limited: %s; name a disk, or a file on one"
                        .formatted(path, why));
    }

    /// As glibc packs them; makedev(3).
    static int major(long number) {
        return (int) (number >>> 8 & 0xfff | number >>> 32 & ~0xfff);
    }

    static int minor(long number) {
        return (int) (number & 0xff | number >>> 12 & ~0xff);
    }

    private static long number(int major, int minor) {
        return minor & 0xffL
                | (major & 0xfffL) << 8
                | (minor & ~0xffL) << 12
                | (major & ~0xfffL) << 32;
    }
}
