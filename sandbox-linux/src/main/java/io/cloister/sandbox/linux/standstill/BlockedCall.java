package io.cloister.sandbox.linux.standstill;

import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A system call in which a thread sleeps, as `/proc/<pid>/task/<tid>/syscall` tells it
/// (proc_pid_syscall(5)): "the system call number followed by the values in the argument registers,
/// stack pointer, and program counter".
///
/// @param call the call
/// @param arguments the six registers
public record BlockedCall(Syscall call, List<Long> arguments) {

    private static final int ARGUMENTS = 6;
    private static final int WORDS = 1 + ARGUMENTS + 2;
    private static final long LAST_32_BIT_ADDRESS = 0xffffffffL;
    private static final int FUTEX_COMMANDS = 127;
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAIT_BITSET = 9;
    private static final int POLLFD_SIZE = 8;
    private static final int MOST_FILES = 1024;

    /// Copies the list.
    public BlockedCall {
        arguments = List.copyOf(arguments);
    }

    /// What else is known of the process.
    public interface Process {
        /// What a descriptor refers to; empty if it is not open.
        Optional<String> file(int descriptor);

        /// The descriptors that an epoll instance watches; empty if that cannot be told.
        Optional<List<Integer>> watched(int epoll);

        /// Its memory; empty if that cannot be read.
        Optional<byte[]> memory(long address, int length);
    }

    /// Reads the line. Empty if the thread runs, sleeps outside a system call, or is in one of
    /// another interface, where the numbers mean something else: those of 32 bits have their stack
    /// below 4 GiB.
    public static Optional<BlockedCall> parse(String line, SyscallAbi abi) {
        String[] words = line.strip().split(" ");
        if (words.length != WORDS) {
            return Optional.empty();
        }
        List<Long> arguments = new ArrayList<>();
        for (int i = 1; i <= ARGUMENTS; i++) {
            arguments.add(number(words[i]));
        }
        if (Long.compareUnsigned(number(words[ARGUMENTS + 1]), LAST_32_BIT_ADDRESS) <= 0) {
            return Optional.empty();
        }
        return Optional.ofNullable(abi.calls().get(Integer.parseInt(words[0])))
                .map(call -> new BlockedCall(call, arguments));
    }

    private static long number(String hexadecimal) {
        return Long.parseUnsignedLong(hexadecimal.substring(2), 16);
    }

    /// What it waits for.
    public Wait waitsFor(Process process) {
        return switch (call) {
            case READ, WRITE, READV, WRITEV -> files(process, List.of(asInt(0)));
            case TEE -> files(process, List.of(asInt(0), asInt(1)));
            case SPLICE -> files(process, List.of(asInt(0), asInt(2)));
            case POLL -> asInt(2) < 0 ? polled(process) : timed();
            case PPOLL -> isNull(2) ? polled(process) : timed();
            case SELECT, PSELECT6 -> isNull(4) ? selected(process) : timed();
            case EPOLL_WAIT, EPOLL_PWAIT -> asInt(3) < 0 ? watched(process) : timed();
            case EPOLL_PWAIT2 -> isNull(3) ? watched(process) : timed();
            case WAIT4, WAITID, PAUSE, RT_SIGSUSPEND -> others();
            case RT_SIGTIMEDWAIT -> isNull(2) ? others() : timed();
            case FUTEX -> futex();
            default -> new Wait.Unknown("is in " + call.label() + "()");
        };
    }

    private Wait futex() {
        int command = asInt(1) & FUTEX_COMMANDS;
        boolean waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
        return waits && isNull(3) ? others() : timed();
    }

    private Wait others() {
        return new Wait.ForOthers(call.label());
    }

    private Wait timed() {
        return new Wait.Unknown("waits for a time in " + call.label() + "()");
    }

    private Wait files(Process process, List<Integer> descriptors) {
        List<Wait.Spot> spots = new ArrayList<>();
        for (int descriptor : descriptors) {
            Optional<String> file = process.file(descriptor);
            if (file.isEmpty()) {
                return new Wait.Unknown(
                        "waits in %s() for descriptor %d, which is not open"
                                .formatted(call.label(), descriptor));
            }
            spots.add(new Wait.Spot(descriptor, file.get()));
        }
        return new Wait.ForFiles(call.label(), spots);
    }

    private Wait unreadable() {
        return new Wait.Unknown("is in " + call.label() + "(), and for what cannot be read");
    }

    /// `struct pollfd { int fd; short events; short revents; }`; a negative one is ignored.
    private Wait polled(Process process) {
        long count = arguments.get(1);
        if (count < 0 || count > MOST_FILES) {
            return unreadable();
        }
        Optional<byte[]> memory = process.memory(arguments.get(0), (int) count * POLLFD_SIZE);
        if (memory.isEmpty()) {
            return unreadable();
        }
        ByteBuffer words = ByteBuffer.wrap(memory.get()).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> descriptors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int descriptor = words.getInt(i * POLLFD_SIZE);
            if (descriptor >= 0) {
                descriptors.add(descriptor);
            }
        }
        return files(process, descriptors);
    }

    /// Three sets of bits, in words of 64, each of which may be missing.
    private Wait selected(Process process) {
        int count = asInt(0);
        if (count < 0 || count > MOST_FILES) {
            return unreadable();
        }
        List<Integer> descriptors = new ArrayList<>();
        for (int set = 1; set <= 3; set++) {
            if (isNull(set)) {
                continue;
            }
            Optional<byte[]> memory =
                    process.memory(arguments.get(set), Math.ceilDiv(count, Long.SIZE) * Long.BYTES);
            if (memory.isEmpty()) {
                return unreadable();
            }
            for (int i = 0; i < count; i++) {
                boolean isIn = (memory.get()[i / Byte.SIZE] >> (i % Byte.SIZE) & 1) != 0;
                if (isIn && !descriptors.contains(i)) {
                    descriptors.add(i);
                }
            }
        }
        return files(process, descriptors);
    }

    private Wait watched(Process process) {
        return process.watched(asInt(0))
                .map(descriptors -> files(process, descriptors))
                .orElseGet(this::unreadable);
    }

    /// The kernel takes 32 bits of it.
    private int asInt(int argument) {
        return arguments.get(argument).intValue();
    }

    private boolean isNull(int argument) {
        return arguments.get(argument) == 0;
    }
}
