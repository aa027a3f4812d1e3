package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.check.Paths;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Rates at which a run may read from and write to one block device.
///
/// Beyond a rate the kernel lets requests wait; nothing fails. In version 1 of control groups, and
/// in version 2 for file systems without write-back support, what is written through the page cache
/// is not counted. Source: `io.max` of cgroups(7), `blkio.throttle` in version 1.
///
/// @param device a block device of the host, or a file on it: absolute and normalized
/// @param readPerSecond bytes read in a second, > 0; empty: no limit
/// @param writePerSecond bytes written in a second, > 0; empty: no limit
/// @param readOperationsPerSecond reads in a second, > 0; empty: no limit
/// @param writeOperationsPerSecond writes in a second, > 0; empty: no limit
public record DeviceIo(
        Path device,
        Optional<Bytes> readPerSecond,
        Optional<Bytes> writePerSecond,
        Optional<Long> readOperationsPerSecond,
        Optional<Long> writeOperationsPerSecond) {

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a value is out of its range, or no rate is given
    public DeviceIo {
        Paths.host(device);
        readPerSecond.ifPresent(rate -> Numbers.positive("readPerSecond", rate));
        writePerSecond.ifPresent(rate -> Numbers.positive("writePerSecond", rate));
        readOperationsPerSecond.ifPresent(
                rate -> Numbers.positive("readOperationsPerSecond", rate));
        writeOperationsPerSecond.ifPresent(
                rate -> Numbers.positive("writeOperationsPerSecond", rate));
        if (Stream.of(
                        readPerSecond,
                        writePerSecond,
                        readOperationsPerSecond,
                        writeOperationsPerSecond)
                .allMatch(Optional::isEmpty)) {
            throw new IllegalArgumentException("io of " + device + " must have at least one rate");
        }
    }

    /// {@return limits on the bytes of each second}
    ///
    /// @param device a block device of the host, or a file on it
    /// @param read bytes read in a second, > 0
    /// @param write bytes written in a second, > 0
    public static DeviceIo bytesPerSecond(Path device, Bytes read, Bytes write) {
        return new DeviceIo(
                device, Optional.of(read), Optional.of(write), Optional.empty(), Optional.empty());
    }

    /// {@return limits on the operations of each second}
    ///
    /// @param device a block device of the host, or a file on it
    /// @param reads reads in a second, > 0
    /// @param writes writes in a second, > 0
    public static DeviceIo operationsPerSecond(Path device, long reads, long writes) {
        return new DeviceIo(
                device,
                Optional.empty(),
                Optional.empty(),
                Optional.of(reads),
                Optional.of(writes));
    }
}
