package io.cloister.sandbox.linux.program;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.plan.SystemVIds;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// What [SweepProgram] saw from inside a sandbox that stays.
///
/// @param processes 0 if there are others than the first, else -errno: ESRCH says that there are
///   none
/// @param sharedMemories how many there are
/// @param semaphoreSets how many there are
/// @param messageQueues how many of System V there are
/// @param posixQueues the length of their list in bytes, or 0 if this kernel has none; that of an
///   empty one is [#EMPTY]
/// @param ids of new System V objects
public record SweepReport(
        long processes,
        int sharedMemories,
        int semaphoreSets,
        int messageQueues,
        long posixQueues,
        SystemVIds ids) {

    /// `.` and `..`, in struct linux_dirent64.
    public static final int EMPTY = 48;

    // Offsets of what the program writes.
    static final int MEMORY = 8;
    static final int SEMAPHORE = 16;
    static final int QUEUE = 24;
    static final int PROCESSES = 32;
    static final int QUEUES = 40;

    /// struct shm_info { int used_ids; ... }, 48 bytes.
    static final int SHM_INFO = 48;

    /// struct seminfo { int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, ... },
    /// 40 bytes: "semusz: number of semaphore sets that currently exist" - semctl(2).
    static final int SEM_INFO = 96;

    private static final int SEMUSZ = 28;

    /// struct msginfo { int msgpool, ... }, 32 bytes: "msgpool: number of message queues that
    /// currently exist" - msgctl(2).
    static final int MSG_INFO = 136;

    static final int SIZE = 168;

    /// Room for the start of a list.
    static final int LISTING = 512;

    /// Reads the message.
    public static SweepReport read(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        return new SweepReport(
                in.getLong(PROCESSES),
                in.getInt(SHM_INFO),
                in.getInt(SEM_INFO + SEMUSZ),
                in.getInt(MSG_INFO),
                in.getLong(QUEUES),
                new SystemVIds(in.getLong(MEMORY), in.getLong(SEMAPHORE), in.getLong(QUEUE)));
    }

    /// What is there that a new sandbox does not have.
    public List<String> left() {
        List<String> left = new ArrayList<>();
        if (processes != Errno.ESRCH.negated()) {
            left.add("processes are left");
        }
        count(left, "System V shared memories", sharedMemories);
        count(left, "System V semaphore sets", semaphoreSets);
        count(left, "System V message queues", messageQueues);
        if (posixQueues != 0 && posixQueues != EMPTY) {
            left.add("POSIX message queues are left");
        }
        return left;
    }

    private static void count(List<String> left, String what, int number) {
        if (number != 0) {
            left.add("%s are left: %d".formatted(what, number));
        }
    }
}
