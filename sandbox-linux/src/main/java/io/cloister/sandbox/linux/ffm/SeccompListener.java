package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.SECCOMP_SET_MODE_FILTER;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.Call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The listener of a system-call filter: it tells of calls that wait, and takes the answers.
/// seccomp_unotify(2), linux/seccomp.h. Thread-safe.
public final class SeccompListener {

    // SECCOMP_IOWR(0, struct seccomp_notif), and so on.
    private static final int RECEIVE = 0xc0502100;
    private static final int SEND = 0xc0182101;
    private static final int ID_VALID = 0x40082102;
    private static final int ADD_DESCRIPTOR = 0x40182103;

    private static final int CONTINUE = 1;
    private static final int O_CLOEXEC = 0x80000;

    // struct seccomp_notif { __u64 id; __u32 pid; __u32 flags; struct seccomp_data data; }
    private static final int NOTIFICATION_SIZE = 80;
    private static final int NUMBER = 16;
    private static final int ARGUMENTS = 32;

    private SeccompListener() {}

    /// A call that waits.
    ///
    /// @param result 0, or -errno; ENOENT where the thread was gone before its call was received
    /// @param id of the notification
    /// @param thread the thread that waits, as this JVM sees it
    /// @param number of the call
    /// @param arguments the six registers
    public record Notification(int result, long id, int thread, int number, long[] arguments) {}

    /// Whether the kernel takes filters with these flags. Nothing is installed: the filter itself
    /// is at no address, at which the kernel looks only after the flags.
    public static boolean takes(int flags) {
        return Errno.EFAULT.is(Kernel.call(Call.SECCOMP, SECCOMP_SET_MODE_FILTER, flags, 0));
    }

    /// Receives one notification. To be called by one thread at a time and only when the listener
    /// is readable; then it does not wait: the kernel counts the calls that came, never those that
    /// went away, so that the count is not below the number of those that are there.
    public static Notification receive(int listener) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(NOTIFICATION_SIZE, 8);
            int result = (int) Kernel.call(Call.IOCTL, listener, RECEIVE, bytes.address());
            long[] arguments = new long[6];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = bytes.get(ValueLayout.JAVA_LONG, ARGUMENTS + 8L * i);
            }
            return new Notification(
                    result,
                    bytes.get(ValueLayout.JAVA_LONG, 0),
                    bytes.get(ValueLayout.JAVA_INT, 8),
                    bytes.get(ValueLayout.JAVA_INT, NUMBER),
                    arguments);
        }
    }

    /// Lets the kernel make the call. Returns 0, or -errno; ENOENT if nobody waits any more.
    public static int proceed(int listener, long id) {
        return send(listener, id, 0, 0, CONTINUE);
    }

    /// Answers with a value, or with an error number.
    public static int answer(int listener, long id, long value, int errno) {
        return send(listener, id, value, -errno, 0);
    }

    private static int send(int listener, long id, long value, int error, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            // struct seccomp_notif_resp { __u64 id; __s64 val; __s32 error; __u32 flags; }
            MemorySegment bytes = arena.allocate(24, 8);
            bytes.set(ValueLayout.JAVA_LONG, 0, id);
            bytes.set(ValueLayout.JAVA_LONG, 8, value);
            bytes.set(ValueLayout.JAVA_INT, 16, error);
            bytes.set(ValueLayout.JAVA_INT, 20, flags);
            return (int) Kernel.call(Call.IOCTL, listener, SEND, bytes.address());
        }
    }

    /// Puts a copy of `descriptor` into the process that made a call, which waits on. This waits
    /// until that process has run, however long that is put off. Since Linux 5.9.
    ///
    /// To answer by the same call would save one, and is not safe: a signal that interrupts it
    /// leaves the call answered with 0.
    ///
    /// @return the number of the copy, or -errno; EMFILE where that process has no room
    public static int addDescriptor(int listener, long id, int descriptor, boolean closeOnExec) {
        try (Arena arena = Arena.ofConfined()) {
            // struct seccomp_notif_addfd { __u64 id; __u32 flags, srcfd, newfd, newfd_flags; }
            MemorySegment bytes = arena.allocate(24, 8);
            bytes.set(ValueLayout.JAVA_LONG, 0, id);
            bytes.set(ValueLayout.JAVA_INT, 12, descriptor);
            bytes.set(ValueLayout.JAVA_INT, 20, closeOnExec ? O_CLOEXEC : 0);
            return (int) Kernel.call(Call.IOCTL, listener, ADD_DESCRIPTOR, bytes.address());
        }
    }

    /// Whether the thread of a notification still waits: so what was read of a process with its id
    /// was that process's.
    public static boolean isWaiting(int listener, long id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(8, 8);
            bytes.set(ValueLayout.JAVA_LONG, 0, id);
            return Kernel.call(Call.IOCTL, listener, ID_VALID, bytes.address()) == 0;
        }
    }
}
