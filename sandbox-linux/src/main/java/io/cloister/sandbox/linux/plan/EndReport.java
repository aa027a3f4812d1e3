package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.SetUpTimes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/// What the first process reports when everything has ended. Instants are those of CLOCK_MONOTONIC,
/// in nanoseconds.
///
/// @param waitStatus of the command, as wait4(2) gives it
/// @param createdAt when the first process began
/// @param startedAt when the command's process was made
/// @param executedAt when its program was executed
/// @param endedAt when the command had ended
/// @param used what all processes used that were waited for
public record EndReport(
        int waitStatus, long createdAt, long startedAt, long executedAt, long endedAt, Used used) {

    private static final int USED = 48;
    private static final int STAMPS = 192;
    private static final long SECOND = 1_000_000_000L;

    /// The part of struct rusage that means something on Linux; getrusage(2).
    ///
    /// @param userTime time in programs
    /// @param systemTime time in the kernel on their behalf
    /// @param largestResidentBytes the peak resident memory of the largest process
    /// @param minorFaults page faults without I/O
    /// @param majorFaults page faults with I/O
    /// @param voluntarySwitches context switches by waiting
    /// @param involuntarySwitches context switches by the scheduler
    public record Used(
            Duration userTime,
            Duration systemTime,
            long largestResidentBytes,
            long minorFaults,
            long majorFaults,
            long voluntarySwitches,
            long involuntarySwitches) {

        /// Nothing.
        public static final Used NOTHING = new Used(Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0);

        private static Used read(ByteBuffer in, int at) {
            return new Used(
                    timeval(in, at),
                    timeval(in, at + 16),
                    in.getLong(at + 32) * 1024,
                    in.getLong(at + 64),
                    in.getLong(at + 72),
                    in.getLong(at + 128),
                    in.getLong(at + 136));
        }

        private static Duration timeval(ByteBuffer in, int at) {
            return Duration.ofSeconds(in.getLong(at), in.getLong(at + 8) * 1000);
        }

        /// Both times together.
        public Duration cpuTime() {
            return userTime.plus(systemTime);
        }
    }

    /// Reads the message: tag, status, start, end (s, ns), rusage of all that were waited for, own
    /// start, execution (s, ns).
    public static EndReport read(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        return new EndReport(
                in.getInt(8),
                timespec(in, STAMPS),
                timespec(in, 16),
                timespec(in, STAMPS + 16),
                timespec(in, 32),
                Used.read(in, USED));
    }

    private static long timespec(ByteBuffer in, int at) {
        return in.getLong(at) * SECOND + in.getLong(at + 8);
    }

    /// From just before the command was started to its end.
    public Duration wallTime() {
        return Duration.ofNanos(endedAt - startedAt);
    }

    /// What the parts of the launch took.
    ///
    /// @param requestedAt when the launch was asked for, on the same clock
    /// @param sentAt when the request was sent
    public SetUpTimes setUp(long requestedAt, long sentAt) {
        return new SetUpTimes(
                between(requestedAt, sentAt),
                between(sentAt, createdAt),
                between(createdAt, startedAt),
                between(startedAt, executedAt));
    }

    private static Duration between(long from, long to) {
        return Duration.ofNanos(Math.max(0, to - from));
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
