package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.MSG_CMSG_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.MSG_DONTWAIT;
import static io.cloister.sandbox.linux.program.Linux.MSG_NOSIGNAL;
import static io.cloister.sandbox.linux.program.Linux.SCM_RIGHTS;
import static io.cloister.sandbox.linux.program.Linux.SOL_SOCKET;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.Call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Messages with descriptors over a SOCK_SEQPACKET socket: sendmsg(2), recvmsg(2), unix(7).
public final class Packets {

    /// The largest message that [#receive] reads.
    public static final int RECEIVE_SIZE = 4096;

    private static final int MAX_DESCRIPTORS = 253;
    private static final int CONTROL_SIZE = 16 + 4 * (MAX_DESCRIPTORS + 1);

    // struct msghdr { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov;
    //   size_t msg_iovlen; void *msg_control; size_t msg_controllen; int msg_flags; };
    static final StructLayout MSGHDR =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("msg_name"),
                    ValueLayout.JAVA_INT.withName("msg_namelen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_iov"),
                    ValueLayout.JAVA_LONG.withName("msg_iovlen"),
                    ValueLayout.JAVA_LONG.withName("msg_control"),
                    ValueLayout.JAVA_LONG.withName("msg_controllen"),
                    ValueLayout.JAVA_INT.withName("msg_flags"),
                    MemoryLayout.paddingLayout(4));

    private static final long IOV = offset("msg_iov");
    private static final long IOVLEN = offset("msg_iovlen");
    private static final long CONTROL = offset("msg_control");
    private static final long CONTROLLEN = offset("msg_controllen");

    private Packets() {}

    private static long offset(String field) {
        return MSGHDR.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    /// A received message.
    ///
    /// @param result the number of bytes, 0 at the end of the stream, or -errno
    /// @param bytes the message
    /// @param descriptors the descriptors that came along; the receiver closes them
    public record Packet(int result, byte[] bytes, List<Integer> descriptors) {}

    /// Sends one message. Returns its length, or -errno; EPIPE when nobody is there to read.
    public static int send(int socket, byte[] bytes, List<Integer> descriptors) {
        if (descriptors.size() > MAX_DESCRIPTORS) {
            return Errno.EINVAL.negated();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(Math.max(1, bytes.length), 8);
            MemorySegment.copy(bytes, 0, payload, ValueLayout.JAVA_BYTE, 0, bytes.length);
            MemorySegment header = header(arena, payload, bytes.length);
            if (!descriptors.isEmpty()) {
                // struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; }
                long length = 16 + 4L * descriptors.size();
                MemorySegment control = arena.allocate((length + 7) & ~7L, 8);
                control.set(ValueLayout.JAVA_LONG, 0, length);
                control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
                control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
                for (int i = 0; i < descriptors.size(); i++) {
                    control.set(ValueLayout.JAVA_INT, 16 + 4L * i, descriptors.get(i));
                }
                header.set(ValueLayout.JAVA_LONG, CONTROL, control.address());
                header.set(ValueLayout.JAVA_LONG, CONTROLLEN, control.byteSize());
            }
            return (int) repeat(Call.SENDMSG, socket, header, MSG_NOSIGNAL);
        }
    }

    /// Receives one message without waiting; EAGAIN when none is there.
    public static Packet receive(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(RECEIVE_SIZE, 8);
            MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
            MemorySegment header = header(arena, payload, RECEIVE_SIZE);
            header.set(ValueLayout.JAVA_LONG, CONTROL, control.address());
            header.set(ValueLayout.JAVA_LONG, CONTROLLEN, control.byteSize());
            int result =
                    (int) repeat(Call.RECVMSG, socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            if (result <= 0) {
                return new Packet(result, new byte[0], List.of());
            }
            List<Integer> descriptors = new ArrayList<>();
            if (header.get(ValueLayout.JAVA_LONG, CONTROLLEN) >= 20
                    && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS) {
                long end = control.get(ValueLayout.JAVA_LONG, 0);
                for (long at = 16; at + 4 <= end; at += 4) {
                    descriptors.add(control.get(ValueLayout.JAVA_INT, at));
                }
            }
            byte[] bytes = payload.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
            return new Packet(result, bytes, descriptors);
        }
    }

    private static MemorySegment header(Arena arena, MemorySegment payload, int length) {
        MemorySegment iovec = arena.allocate(16, 8);
        iovec.set(ValueLayout.JAVA_LONG, 0, payload.address());
        iovec.set(ValueLayout.JAVA_LONG, 8, length);
        MemorySegment header = arena.allocate(MSGHDR);
        header.set(ValueLayout.JAVA_LONG, IOV, iovec.address());
        header.set(ValueLayout.JAVA_LONG, IOVLEN, 1);
        return header;
    }

    private static long repeat(Call call, int socket, MemorySegment header, int flags) {
        while (true) {
            long result =
                    Libc.syscall(
                            call.number(Kernel.cpu()), socket, header.address(), flags, 0, 0, 0);
            if (!Errno.EINTR.is(result)) {
                return result;
            }
        }
    }
}
