package io.cloister.sandbox.linux.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// What the first process reports when the command has started, of the moment before.
///
/// @param setUpNanos the processor time that the first process had used
/// @param rooms what was left of each file system in memory
public record StartReport(long setUpNanos, List<Room> rooms) {

    private static final int TIMES = 16;
    private static final int ROOMS = 48;
    private static final int ROOM_SIZE = 16;

    /// What is left of a file system.
    ///
    /// @param blocks free blocks
    /// @param inodes files and directories that may still be made
    public record Room(long blocks, long inodes) {
        /// Whether nothing can be added: no data, or no file.
        public boolean isFull() {
            return blocks == 0 || inodes == 0;
        }
    }

    /// Reads the message: tag, pid, user time, system time (s, us), rooms.
    public static StartReport read(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        List<Room> rooms = new ArrayList<>();
        for (int at = ROOMS; at + ROOM_SIZE <= message.length; at += ROOM_SIZE) {
            rooms.add(new Room(in.getLong(at), in.getLong(at + 8)));
        }
        return new StartReport(timeval(in, TIMES) + timeval(in, TIMES + 16), rooms);
    }

    private static long timeval(ByteBuffer in, int at) {
        return in.getLong(at) * 1_000_000_000L + in.getLong(at + 8) * 1000;
    }
}
