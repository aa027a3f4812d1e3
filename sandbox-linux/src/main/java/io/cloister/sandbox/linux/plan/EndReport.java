package io.cloister.sandbox.linux.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/// What the first process reports when everything has ended.
///
/// @param waitStatus of the command, as wait4(2) gives it
/// @param wallTime from just before the command was started to its end
/// @param userTime of all processes that were waited for
/// @param systemTime likewise
/// @param largestResidentBytes the peak resident memory of the largest process
/// @param minorFaults page faults without I/O
/// @param majorFaults page faults with I/O
/// @param voluntarySwitches context switches by waiting
/// @param involuntarySwitches context switches by the scheduler
public record EndReport(
        int waitStatus,
        Duration wallTime,
        Duration userTime,
        Duration systemTime,
        long largestResidentBytes,
        long minorFaults,
        long majorFaults,
        long voluntarySwitches,
        long involuntarySwitches) {

    private static final int USAGE = 48;

    /// Reads the message: tag, status, start, end (s, ns), struct rusage (getrusage(2)).
    public static EndReport read(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        Duration start = Duration.ofSeconds(in.getLong(16), in.getLong(24));
        Duration end = Duration.ofSeconds(in.getLong(32), in.getLong(40));
        return new EndReport(
                in.getInt(8),
                end.minus(start),
                timeval(in, USAGE),
                timeval(in, USAGE + 16),
                in.getLong(USAGE + 32) * 1024,
                in.getLong(USAGE + 64),
                in.getLong(USAGE + 72),
                in.getLong(USAGE + 128),
                in.getLong(USAGE + 136));
    }

    private static Duration timeval(ByteBuffer in, int at) {
        return Duration.ofSeconds(in.getLong(at), in.getLong(at + 8) * 1000);
    }

    /// Whether the command exited by itself.
    public boolean exited() {
        return signal() == 0;
    }

    /// The exit status.
    public int exitCode() {
        return waitStatus >> 8 & 0xff;
    }

    /// The signal that ended the command; 0 if it exited.
    public int signal() {
        return waitStatus & 0x7f;
    }
}
