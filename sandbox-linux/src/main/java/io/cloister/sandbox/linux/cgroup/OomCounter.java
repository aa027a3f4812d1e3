package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.util.OptionalInt;

/// The event counter that version 1 raises when a group is out of memory: an eventfd that is
/// registered with `cgroup.event_control`, once for all runs of a slot. Not thread-safe.
final class OomCounter implements AutoCloseable {

    private final NativeBuffer buffer = new NativeBuffer(Long.BYTES);
    private int fd = -1;

    /// The descriptor, registered at the first call; empty where the kernel refuses.
    OptionalInt descriptor(GroupDirectory memory) {
        if (fd < 0) {
            register(memory);
        }
        return fd < 0 ? OptionalInt.empty() : OptionalInt.of(fd);
    }

    private void register(GroupDirectory memory) {
        int counter = Kernel.eventfd();
        if (counter < 0) {
            throw new CgroupException(memory.path(), "eventfd", -counter);
        }
        int control = memory.reader("memory.oom_control");
        if (GroupDirectory.isScarce(control)) {
            Kernel.close(counter);
            throw new CgroupException(memory.path() + "/memory.oom_control", "open", -control);
        }
        if (control < 0 || memory.tryWrite("cgroup.event_control", counter + " " + control) < 0) {
            Kernel.close(counter);
        } else {
            fd = counter;
        }
    }

    /// Sets it to 0, so that the next event is told.
    void drain() {
        if (fd >= 0) {
            Kernel.read(fd, buffer, Long.BYTES);
        }
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Kernel.close(fd);
            fd = -1;
        }
    }
}
