package io.cloister.sandbox.linux.plan;

/// The ids of System V objects that were made just to see their numbers: the kernel counts on with
/// each object, so that the next number tells whether anyone made another in between.
///
/// @param memory of a shared memory, or -errno
/// @param semaphore of a semaphore set, or -errno
/// @param queue of a message queue, or -errno
public record SystemVIds(long memory, long semaphore, long queue) {

    /// ipc/util.h: an id is a place, and above it how often the places were used up.
    private static final int PLACE_BITS = 15;

    private static final long PLACES = 64;

    /// Whether `later` came right after these.
    public boolean isFollowedBy(SystemVIds later) {
        return isNext(memory, later.memory)
                && isNext(semaphore, later.semaphore)
                && isNext(queue, later.queue);
    }

    private static boolean isNext(long id, long later) {
        if (id < 0) {
            // No such objects in this kernel.
            return later == id;
        }
        long place = id & (1 << PLACE_BITS) - 1;
        return later == (place == PLACES - 1 ? id - place + (1 << PLACE_BITS) : id + 1);
    }
}
